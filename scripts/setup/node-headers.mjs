/**
 * Step: Node's C headers, where Realm has to be compiled. Nearly every Node brings them along. For one that
 * does not, Debian's header packages are unpacked into the cache and not installed: installing libnode-dev
 * would pull in Debian's own, older Node over the one that runs.
 */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findNodeHeaders, unpackedHeadersFolder } from "../../native/node-headers.mjs";
import { describeRealmBuild, mustCompile } from "../../native/realm-build.mjs";
import { exitCodes, failed, ready } from "./outcome.mjs";
import { endedWell, runCommand } from "./run-command.mjs";
import { apt, findAptAccess, isOnPath } from "./system-packages.mjs";

/**
 * @param {"app" | "tests"} purpose
 * @returns {import("./outcome.mjs").SetupStep}
 */
export function nodeHeadersStep(purpose) {
  return {
    name: "Node's C headers",
    async run({ progress }) {
      if (!mustCompile(describeRealmBuild(), { withLibraries: purpose === "tests" }))
        return ready("not needed");
      if (findNodeHeaders() !== null) return ready("present");
      if (isOnPath("apt-get"))
        await progress.during("unpacking Debian's header packages", unpackDebianHeaders);
      return findNodeHeaders() !== null
        ? ready(`unpacked into ${unpackedHeadersFolder()}`)
        : failed(
            exitCodes.systemPackages,
            `Node's C headers (node_api.h, uv.h) are neither beside ${process.execPath} nor in /usr/include/node.`,
            `Unpack node-v${process.versions.node}-headers.tar.gz from https://nodejs.org/dist/v${process.versions.node}/ so that include/node lies beside Node's bin folder.`,
          );
    },
  };
}

async function unpackDebianHeaders() {
  const folder = unpackedHeadersFolder();
  mkdirSync(folder, { recursive: true });
  const download = () => runCommand("apt-get", ["download", "libnode-dev", "libuv1-dev"], { cwd: folder });
  if (!endedWell(await download())) {
    const access = await findAptAccess();
    if (access !== "not at all") await apt(access, ["update"]);
    await download();
  }
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".deb")) await runCommand("dpkg-deb", ["-x", join(folder, name), folder]);
  }
}
