/**
 * Compiles the oracle program against the static libraries that the build of Realm's native module leaves in the
 * cache, and keeps it there. It does not build realm-core itself; what is missing is said.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describeRealmBuild, realmCoreLinkage } from "../../../../native/realm-build.mjs";

const source = join(import.meta.dirname, "oracle.cpp");

/**
 * @returns {string} path of the program, up to date with its source
 * @throws if realm-core's libraries are not there, or the compiler fails
 */
export function buildOracle() {
  const { includeDirs, definitions, archives, systemLibraries } = realmCoreLinkage();
  const missing = archives.filter((archive) => !existsSync(archive));
  if (missing.length > 0) {
    throw new Error(
      `The merge oracle needs realm-core's static libraries; build them with \`node native/build-realm.mjs\`. Missing: ${missing.join(", ")}`,
    );
  }
  const folder = join(describeRealmBuild().folder, "merge-oracle");
  const version = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 16);
  const program = join(folder, `oracle-${version}`);
  if (existsSync(program)) return program;

  mkdirSync(folder, { recursive: true });
  // Under a name of its own until it is complete: several test runs may build at once.
  const unfinished = `${program}.${process.pid}`;
  execFileSync(
    "g++",
    [
      ...["-std=c++17", "-O2", "-w", "-include", "cstdint"],
      ...definitions.map((definition) => `-D${definition}`),
      ...includeDirs.flatMap((folder) => ["-I", folder]),
      ...[source, "-o", unfinished],
      ...archives,
      ...systemLibraries,
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  renameSync(unfinished, program);
  return program;
}
