/**
 * Gathers the few header files of Node that Realm's module is compiled against, from wherever this
 * machine has them, into one folder. They are copied one by one and never included in place:
 * Node's own include folder also holds openssl/ and zlib.h, which would shadow the system's headers
 * while the system's archives are linked.
 */
import { cpSync, existsSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "./cache-folder.mjs";

const nodeApiHeaders = ["node_api.h", "node_api_types.h", "js_native_api.h", "js_native_api_types.h"];
const uvHeaders = ["uv.h", "uv"];

/** @returns {string} where setup unpacks Debian's header packages on a machine whose Node came without headers */
export function unpackedHeadersFolder() {
  return join(cacheFolder(), "debian-headers");
}

/**
 * @param {string} [nodeExecutable]
 * @returns {{ nodeApi: string, uv: string } | null} the folders to copy from, or null when this machine has none
 */
export function findNodeHeaders(nodeExecutable = process.execPath) {
  const ofThisNode = [
    join(dirname(nodeExecutable), "..", "include", "node"),
    join(dirname(realpathSync(nodeExecutable)), "..", "include", "node"),
    "/usr/include/node",
  ];
  // Node-API is stable across Node versions, and the uv handles that Realm uses are stable within libuv 1, so
  // headers that are older than the Node that runs will do.
  const unpacked = join(unpackedHeadersFolder(), "usr", "include");
  const nodeApi = folderHolding(nodeApiHeaders, [...ofThisNode, join(unpacked, "node")]);
  const uv = folderHolding(uvHeaders, [...ofThisNode, "/usr/include", unpacked]);
  return nodeApi !== null && uv !== null ? { nodeApi, uv } : null;
}

/**
 * @param {{ nodeApi: string, uv: string }} found
 * @param {string} target
 */
export function copyNodeHeaders(found, target) {
  mkdirSync(target, { recursive: true });
  // With their timestamps: a build that was interrupted must not find its headers newer than its objects.
  const options = { recursive: true, preserveTimestamps: true, dereference: true };
  for (const name of nodeApiHeaders) cpSync(join(found.nodeApi, name), join(target, name), options);
  for (const name of uvHeaders) cpSync(join(found.uv, name), join(target, name), options);
}

/**
 * @param {string[]} names
 * @param {string[]} folders
 */
function folderHolding(names, folders) {
  return folders.find((folder) => names.every((name) => existsSync(join(folder, name)))) ?? null;
}
