/**
 * The rules for the symbol table of the finished module, as pure functions over the text that
 * `nm -D` prints. Electron carries BoringSSL and a zlib of its own: a module that leaves one of
 * OpenSSL's or zlib's names open gets bound to the wrong code there and crashes, and one that
 * exports them may do the same harm to others. Plain Node hides both mistakes, so they are
 * looked for here.
 */

/**
 * @typedef {{ name: string, version: string | null, type: string }} DynamicSymbol
 *   `type` is nm's letter: U and w are undefined, v is an undefined weak object, the rest are defined.
 * @typedef {{ symbol: string, reason: string }} SymbolViolation
 */

const undefinedTypes = new Set(["U", "w", "v"]);

/** Version tags under which glibc, libstdc++ and libgcc hand out their symbols. */
const runtimeVersion = /^(GLIBC|GLIBCXX|CXXABI|GCC)_/;

/** Weak names that the C start files leave open on purpose; nobody has to define them. */
const startFileNames = new Set([
  "__gmon_start__",
  "_ITM_deregisterTMCloneTable",
  "_ITM_registerTMCloneTable",
]);

const entryPoints = new Set(["napi_register_module_v1", "node_api_module_get_api_version_v1"]);

/**
 * @param {string} nmOutput output of `nm -D --with-symbol-versions`
 * @returns {DynamicSymbol[]}
 */
export function parseDynamicSymbols(nmOutput) {
  /** @type {DynamicSymbol[]} */
  const symbols = [];
  for (const line of nmOutput.split("\n")) {
    if (line.trim() === "") continue;
    const match = /^[0-9a-fA-F]* *([A-Za-z?]) ([^@\s]+)(?:@{1,2}(\S+))?\s*$/.exec(line);
    if (!match?.[1] || !match[2])
      throw new Error(`nm printed a line that is not understood: ${JSON.stringify(line)}`);
    symbols.push({ type: match[1], name: match[2], version: match[3] ?? null });
  }
  return symbols;
}

/**
 * @param {DynamicSymbol[]} symbols
 * @returns {SymbolViolation[]} empty when the module may be loaded into Node and into Electron
 */
export function findSymbolViolations(symbols) {
  const violations = [];
  for (const { name, version, type } of symbols) {
    if (undefinedTypes.has(type)) {
      if (!mayStayUndefined(name, version)) {
        violations.push({ symbol: name, reason: "would be taken from whatever the host process offers" });
      }
    } else if (!entryPoints.has(name) && type !== "A") {
      violations.push({ symbol: name, reason: "is exported, but only Node's entry points may be" });
    }
  }
  if (!symbols.some(({ name, type }) => entryPoints.has(name) && !undefinedTypes.has(type))) {
    violations.push({
      symbol: "napi_register_module_v1",
      reason: "is missing: Node could not start the module",
    });
  }
  return violations;
}

/**
 * @param {string} name
 * @param {string | null} version
 */
function mayStayUndefined(name, version) {
  if (version !== null) return runtimeVersion.test(version);
  return /^(napi|uv)_/.test(name) || startFileNames.has(name);
}
