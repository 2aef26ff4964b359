/**
 * Names everything about the build of Realm's native module: what it is built from, the key under
 * which the result is cached, and where each part lies. It only looks; build-realm.mjs acts.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "./cache-folder.mjs";

const nativeFolder = dirname(fileURLToPath(import.meta.url));
const projectRequire = createRequire(import.meta.url);

/** Given to CMake as they stand; part of the recipe, and so of the key. */
export const compilerFlags = {
  // Without diagnostics: this is other people's released code, and the log is for finding real errors.
  // Some of its files rely on an older libstdc++ that included <cstdint> by itself.
  CMAKE_C_FLAGS: "-w",
  CMAKE_CXX_FLAGS: "-w -include cstdint",
  CMAKE_C_FLAGS_RELEASE: "-O2 -DNDEBUG",
  CMAKE_CXX_FLAGS_RELEASE: "-O2 -DNDEBUG",
};

/**
 * @typedef {object} RealmBuild
 * @property {string} key           version, platform, architecture and a hash of the recipe
 * @property {string} folder        cache folder of this key; survives `npm ci`
 * @property {string} cachedModule  the finished module in the cache; only there once it has passed every check
 * @property {string} moduleInPlace where `require("realm")` finds it
 * @property {string} stampInPlace  says which key the module in place has
 * @property {string} packageFolder realm's npm package
 * @property {string} sourceDir     copy of the package's C++ source
 * @property {string} headersDir    Node's headers that it was compiled against
 * @property {string} addonApiDir   copy of node-addon-api's headers
 * @property {string} buildDir      CMake's build tree with the static libraries and generated headers
 * @property {string} logFile       everything that CMake and the compiler said
 */

/** @returns {RealmBuild} */
export function describeRealmBuild() {
  const packageFolder = dirname(projectRequire.resolve("realm/package.json"));
  const { version } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const key = `${version}-${process.platform}-${process.arch}-${hashRecipe()}`;
  const folder = join(cacheFolder(), "realm", key);
  const releaseFolder = join(packageFolder, "build", "Release");
  return {
    key,
    folder,
    cachedModule: join(folder, "realm.node"),
    moduleInPlace: join(releaseFolder, "realm.node"),
    stampInPlace: join(releaseFolder, "realm.node.key"),
    packageFolder,
    sourceDir: join(folder, "source"),
    headersDir: join(folder, "node-headers"),
    addonApiDir: join(folder, "node-addon-api"),
    buildDir: join(folder, "build"),
    logFile: join(folder, "build.log"),
  };
}

/**
 * CMake's build tree: librealm.a, librealm-sync.a, librealm-parser.a, librealm-object-store.a and the
 * generated headers are under it. It exists after a build on this machine.
 * @returns {string}
 */
export function realmBuildDir() {
  return describeRealmBuild().buildDir;
}

/**
 * What a C++ program of ours needs to be compiled and linked against realm-core's storage, query parser
 * and sync client. Of the object store only the BSON part can be linked: the rest wants libuv.
 * @returns {{ includeDirs: string[], definitions: string[], archives: string[], systemLibraries: string[] }}
 *   `archives` and `systemLibraries` in link order
 */
export function realmCoreLinkage() {
  const { sourceDir, buildDir } = describeRealmBuild();
  const libraries = join(buildDir, "realm-core", "src", "realm");
  return {
    includeDirs: [join(sourceDir, "vendor/realm-core/src"), join(buildDir, "realm-core/src")],
    definitions: ["NDEBUG", "_LARGEFILE_SOURCE", "_LARGEFILE64_SOURCE", "REALM_ENABLE_SYNC=1"],
    archives: [
      join(libraries, "sync/librealm-sync.a"),
      join(libraries, "object-store/librealm-object-store.a"),
      join(libraries, "parser/librealm-parser.a"),
      join(libraries, "librealm.a"),
    ],
    systemLibraries: ["-l:libssl.a", "-l:libcrypto.a", "-l:libz.a", "-lpthread", "-ldl"],
  };
}

/**
 * @param {RealmBuild} build
 * @param {{ withLibraries: boolean }} want the module alone, or also the static libraries that tests link
 * @returns {boolean} whether nothing short of the compiler can provide that
 */
export function mustCompile(build, { withLibraries }) {
  if (withLibraries && !realmCoreLinkage().archives.every((archive) => existsSync(archive))) return true;
  return !isModuleInPlace(build) && !existsSync(build.cachedModule);
}

/** @param {RealmBuild} build @returns {boolean} whether `require("realm")` would load the module of this very recipe */
export function isModuleInPlace(build) {
  return existsSync(build.moduleInPlace) && existsSync(build.stampInPlace)
    ? readFileSync(build.stampInPlace, "utf8") === stampFor(build)
    : false;
}

/** @param {RealmBuild} build @returns {string} content of the stamp beside the module: its key and its size in bytes */
export function stampFor(build) {
  return `${build.key} ${statSync(build.moduleInPlace).size}\n`;
}

/**
 * Comments do not count: nobody should wait minutes for a corrected sentence. The distribution does,
 * because a module that was linked on a newer libc does not load on an older one.
 */
function hashRecipe() {
  const cmakeFolder = join(nativeFolder, "cmake");
  const files = [
    join(nativeFolder, "CMakeLists.txt"),
    join(nativeFolder, "exported-symbols.map"),
    ...readdirSync(cmakeFolder)
      .sort()
      .map((name) => join(cmakeFolder, name)),
  ];
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file, "utf8").replace(/^\s*#.*\n/gm, "")).update("\0");
  hash.update(JSON.stringify(compilerFlags)).update(distribution());
  return hash.digest("hex").slice(0, 16);
}

function distribution() {
  if (!existsSync("/etc/os-release")) return "";
  return readFileSync("/etc/os-release", "utf8")
    .split("\n")
    .filter((line) => /^(ID|VERSION_ID)=/.test(line))
    .join(" ");
}
