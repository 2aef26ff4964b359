/**
 * Compiles Realm's native module, checks it, keeps it in the cache and puts it where
 * `require("realm")` looks. Interrupted builds go on where they stopped. It installs no system
 * packages and downloads nothing; what is missing is reported to the caller.
 *
 * Run directly (`node native/build-realm.mjs`) it builds and prints CMake's build folder.
 */
import { execFileSync, spawn } from "node:child_process";
import {
  constants,
  copyFileSync,
  cpSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, freemem } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { copyNodeHeaders, findNodeHeaders } from "./node-headers.mjs";
import { compilerFlags, describeRealmBuild, isModuleInPlace, mustCompile, stampFor } from "./realm-build.mjs";
import { findSymbolViolations, parseDynamicSymbols } from "./symbol-rules.mjs";

const nativeFolder = dirname(fileURLToPath(import.meta.url));

/**
 * @typedef {{ kind: "step", text: string } | { kind: "compiling", done: number, total: number }} BuildProgress
 * @typedef {import("./realm-build.mjs").RealmBuild} RealmBuild
 * @typedef {{ kind: "in-place", build: RealmBuild }
 *   | { kind: "from-cache", build: RealmBuild }
 *   | { kind: "built", build: RealmBuild }
 *   | { kind: "unsupported-platform", platform: string }
 *   | { kind: "missing-node-headers" }
 *   | { kind: "command-failed", command: string, logFile: string, tail: string }
 *   | { kind: "unfit-module", violations: import("./symbol-rules.mjs").SymbolViolation[] }} BuildOutcome
 */

/**
 * @param {{ withLibraries: boolean }} want the module alone, or also the static libraries that tests link
 * @param {(progress: BuildProgress) => void} [onProgress]
 * @returns {Promise<BuildOutcome>}
 */
export async function buildRealm(want, onProgress = () => {}) {
  const build = describeRealmBuild();
  if (!mustCompile(build, want)) {
    if (isModuleInPlace(build)) return { kind: "in-place", build };
    putInPlace(build);
    return { kind: "from-cache", build };
  }
  if (process.platform !== "linux") return { kind: "unsupported-platform", platform: process.platform };

  mkdirSync(build.folder, { recursive: true });
  const release = await takeLock(join(build.folder, "lock"), () =>
    onProgress({ kind: "step", text: "another process is building Realm; waiting for it" }),
  );
  try {
    if (mustCompile(build, want)) {
      const failure = await compileAndCheck(build, onProgress);
      if (failure !== null) return failure;
    }
    putInPlace(build);
    return { kind: "built", build };
  } finally {
    release();
  }
}

/**
 * @param {RealmBuild} build
 * @param {(progress: BuildProgress) => void} onProgress
 * @returns {Promise<BuildOutcome | null>} null when the checked module is in the cache
 */
async function compileAndCheck(build, onProgress) {
  const headers = findNodeHeaders();
  if (headers === null) return { kind: "missing-node-headers" };

  onProgress({ kind: "step", text: "copying Realm's source out of its npm package" });
  copyNodeHeaders(headers, build.headersDir);
  copySource(build);

  const log = createWriteStream(build.logFile);
  /** @param {string} command @param {string[]} args @param {(line: string) => void} [onLine] */
  const run = async (command, args, onLine) => {
    const ok = await runLogged(command, args, log, onLine);
    return ok ? null : commandFailed(command, build.logFile);
  };

  onProgress({ kind: "step", text: "configuring with CMake" });
  const configureFailure = await run("cmake", configureArguments(build));
  if (configureFailure !== null) return configureFailure;

  const buildFailure = await run(
    "ninja",
    ["-C", build.buildDir, "-j", String(countJobs()), "realm-js"],
    (line) => {
      const match = /^\[(\d+)\/(\d+)\]/.exec(line);
      if (match) onProgress({ kind: "compiling", done: Number(match[1]), total: Number(match[2]) });
    },
  );
  if (buildFailure !== null) return buildFailure;
  log.end();

  onProgress({ kind: "step", text: "checking the symbols of the finished module" });
  const module = join(build.buildDir, "realm.node");
  const violations = findSymbolViolations(readDynamicSymbols(module));
  if (violations.length > 0) return { kind: "unfit-module", violations };
  replaceFile(module, build.cachedModule);
  return null;
}

/** @param {string} module @returns {import("./symbol-rules.mjs").DynamicSymbol[]} */
export function readDynamicSymbols(module) {
  const output = execFileSync("nm", ["-D", "--with-symbol-versions", module], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return parseDynamicSymbols(output);
}

/** @param {RealmBuild} build */
function copySource(build) {
  const unused = new Set([join(build.packageFolder, "vendor", "GCDWebServer")]);
  for (const part of ["src", "vendor"]) {
    cpSync(join(build.packageFolder, part), join(build.sourceDir, part), {
      recursive: true,
      // An interrupted build goes on only if the sources do not look newer than its objects.
      preserveTimestamps: true,
      filter: (from) => !unused.has(from),
    });
  }
  const addonApi = dirname(
    createRequire(join(build.packageFolder, "package.json")).resolve("node-addon-api/package.json"),
  );
  cpSync(addonApi, build.addonApiDir, { recursive: true, preserveTimestamps: true });
}

/** @param {RealmBuild} build @returns {string[]} */
function configureArguments(build) {
  const definitions = {
    CMAKE_BUILD_TYPE: "Release",
    ...compilerFlags,
    REALM_SOURCE: build.sourceDir,
    REALM_VERSION: coreVersion(build),
    NODE_HEADERS: build.headersDir,
    NODE_ADDON_API: build.addonApiDir,
  };
  return [
    "-S",
    nativeFolder,
    "-B",
    build.buildDir,
    "-G",
    "Ninja",
    ...Object.entries(definitions).map(([name, value]) => `-D${name}=${value}`),
  ];
}

/**
 * One job more than there are processors, so that none idles near the end; fewer where memory is
 * short, because the largest batches take about two gigabytes each.
 * @returns {number}
 */
function countJobs() {
  const bytesPerJob = 2 * 1024 ** 3;
  return Math.max(1, Math.min(availableParallelism() + 1, Math.floor(freemem() / bytesPerJob)));
}

/** @param {RealmBuild} build */
function coreVersion(build) {
  const list = readFileSync(join(build.sourceDir, "vendor/realm-core/dependencies.list"), "utf8");
  const version = /^VERSION=(\S+)$/m.exec(list)?.[1];
  if (version === undefined) throw new Error("realm-core's dependencies.list names no VERSION");
  return version;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:fs").WriteStream} log
 * @param {(line: string) => void} [onLine]
 * @returns {Promise<boolean>} whether it ended well
 */
function runLogged(command, args, log, onLine = () => {}) {
  return new Promise((resolve) => {
    log.write(`$ ${command} ${args.join(" ")}\n`);
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const letLive = endTogetherWith(child);
    let rest = "";
    /** @param {Buffer} chunk */
    const take = (chunk) => {
      log.write(chunk);
      const lines = (rest + chunk.toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => {
      letLive();
      log.write(`${error.message}\n`);
      resolve(false);
    });
    child.on("close", (code) => {
      letLive();
      resolve(code === 0);
    });
  });
}

/**
 * A compiler that outlived an interrupted build would write into the folder of the next one.
 * @param {import("node:child_process").ChildProcess} child
 * @returns {() => void} ends the bond
 */
function endTogetherWith(child) {
  /** @param {NodeJS.Signals} signal */
  const end = (signal) => {
    unbind();
    child.once("close", () => process.kill(process.pid, signal));
    child.kill("SIGTERM");
  };
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  const unbind = () => {
    for (const signal of signals) process.off(signal, end);
  };
  for (const signal of signals) process.on(signal, end);
  return unbind;
}

/** @param {string} command @param {string} logFile @returns {BuildOutcome} */
function commandFailed(command, logFile) {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n");
  const firstError = lines.findIndex((line) => /error|FAILED/i.test(line));
  const from = firstError === -1 ? Math.max(0, lines.length - 20) : firstError;
  return { kind: "command-failed", command, logFile, tail: lines.slice(from, from + 20).join("\n") };
}

/** @param {RealmBuild} build */
function putInPlace(build) {
  mkdirSync(dirname(build.moduleInPlace), { recursive: true });
  replaceFile(build.cachedModule, build.moduleInPlace);
  writeFileSync(build.stampInPlace, stampFor(build));
}

/**
 * A process that runs on the former module has it mapped: it must keep its file, so the new one is
 * moved over the name and never written into it.
 * @param {string} from
 * @param {string} to
 */
function replaceFile(from, to) {
  const fresh = `${to}.${process.pid}`;
  copyFileSync(from, fresh, constants.COPYFILE_FICLONE);
  renameSync(fresh, to);
}

/**
 * @param {string} lockFile
 * @param {() => void} onWait
 * @returns {Promise<() => void>} releases the lock
 */
async function takeLock(lockFile, onWait) {
  for (let waited = false; ; ) {
    try {
      writeFileSync(lockFile, identifyProcess(process.pid) ?? "", { flag: "wx" });
      return () => rmSync(lockFile, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    if (!isHolderAlive(lockFile)) {
      rmSync(lockFile, { force: true });
      continue;
    }
    if (!waited) onWait();
    waited = true;
    await delay(500);
  }
}

/** @param {string} lockFile */
function isHolderAlive(lockFile) {
  if (!existsSync(lockFile)) return false;
  const holder = readFileSync(lockFile, "utf8");
  return holder !== "" && identifyProcess(Number.parseInt(holder, 10)) === holder;
}

/**
 * The id alone would not do: in a container the same few ids come again, and a lock that was left behind
 * would seem to be held by whoever has the id now.
 * @param {number} pid
 * @returns {string | null} id and start time, null when no such process runs
 */
function identifyProcess(pid) {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  const afterName = readFileSync(file, "utf8").split(") ").at(-1) ?? "";
  return `${pid} ${afterName.split(" ")[19]}`;
}

/** @param {BuildOutcome} outcome @returns {string} what went wrong and the way out, in plain words */
export function explainFailure(outcome) {
  switch (outcome.kind) {
    case "unsupported-platform":
      return `Realm's native module is built by this project on Linux only, and this is ${outcome.platform}.`;
    case "missing-node-headers":
      return "Node's C headers (node_api.h, uv.h) are nowhere on this machine.";
    case "command-failed":
      return `"${outcome.command}" failed while building Realm's native module. The whole log: ${outcome.logFile}\n${outcome.tail}`;
    case "unfit-module":
      return [
        "The built module of Realm breaks the symbol rules and would crash in Electron:",
        ...outcome.violations.slice(0, 20).map(({ symbol, reason }) => `  ${symbol} ${reason}`),
      ].join("\n");
    default:
      throw new Error(`"${outcome.kind}" is no failure`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const outcome = await buildRealm({ withLibraries: true }, (progress) =>
    console.log(
      progress.kind === "step" ? progress.text : `[${progress.done}/${progress.total}] compiling Realm`,
    ),
  );
  if ("build" in outcome) console.log(outcome.build.buildDir);
  else {
    console.error(explainFailure(outcome));
    process.exitCode = 1;
  }
}
