/**
 * Step: the programs and libraries that do not come from npm. Looks for the things themselves, not for package
 * names, so any distribution will do; only where something is missing on Debian or Ubuntu, and this user may,
 * it is installed with apt-get. Otherwise the command is printed.
 */
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describeRealmBuild, mustCompile } from "../../native/realm-build.mjs";
import { findRuntime } from "../runtime.mjs";
import { exitCodes, failed, ready } from "./outcome.mjs";
import { endedWell, explainResult, runCommand } from "./run-command.mjs";
import { needsVirtualScreen } from "./screen.mjs";

/**
 * @typedef {{ what: string, packages: string[], isThere: () => boolean }} Need
 * @typedef {"as root" | "with sudo" | "not at all"} AptAccess
 */

/** Compiler and static libraries: for building Realm, and for the merge oracle of the tests. */
const compilerNeeds = [
  { what: "a C++ compiler", packages: ["g++"], isThere: () => isOnPath("g++") && isOnPath("nm") },
  { what: "OpenSSL's static libraries", packages: ["libssl-dev"], isThere: () => hasArchive("libssl.a") },
  { what: "zlib's static library", packages: ["zlib1g-dev"], isThere: () => hasArchive("libz.a") },
];

const buildNeeds = [
  { what: "CMake", packages: ["cmake"], isThere: () => isOnPath("cmake") },
  { what: "Ninja", packages: ["ninja-build"], isThere: () => isOnPath("ninja") },
];

const chromiumPlaces = [
  "/usr/lib/chromium/chromium",
  "/usr/lib64/chromium-browser/chromium-browser",
  "/usr/lib/chromium-browser/chromium-browser",
  "/opt/google/chrome/chrome",
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The window is set in Noto Sans where the desktop brings no typeface of its own; notes may hold emoji. */
const fontPlaces = ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts"];

/** @type {Need} */
const virtualScreenNeed = {
  what: "a virtual screen",
  packages: ["xvfb"],
  isThere: () => isOnPath("xvfb-run"),
};

/** @param {import("./outcome.mjs").Environment} environment @returns {Need[]} */
function standInNeeds(environment) {
  return [
    {
      what: "Chromium",
      packages: ["chromium"],
      isThere: () =>
        Boolean(environment.STAND_IN_CHROMIUM) || chromiumPlaces.some((place) => existsSync(place)),
    },
    {
      what: "a sans-serif typeface",
      packages: ["fonts-noto-core"],
      isThere: () => hasFont(/sans|helvetica/i),
    },
    { what: "an emoji typeface", packages: ["fonts-noto-color-emoji"], isThere: () => hasFont(/emoji/i) },
  ];
}

/**
 * @param {"app" | "tests"} purpose the tests compile a program of their own
 * @returns {import("./outcome.mjs").SetupStep}
 */
export function systemPackagesStep(purpose) {
  return {
    name: "System packages",
    async run({ projectFolder, environment, progress }) {
      const mustBuild = mustCompile(describeRealmBuild(), { withLibraries: purpose === "tests" });
      const runsOnStandIn = findRuntime({ environment, projectFolder }).kind === "stand-in";
      const needs = [
        ...(mustBuild || purpose === "tests" ? compilerNeeds : []),
        ...(mustBuild ? buildNeeds : []),
        ...(runsOnStandIn ? standInNeeds(environment) : []),
        ...(purpose === "tests" && needsVirtualScreen(environment) ? [virtualScreenNeed] : []),
      ];
      const missing = needs.filter((need) => !need.isThere());
      if (missing.length === 0) return ready("present");
      return installMissing(missing, progress);
    },
  };
}

/**
 * @param {Need[]} missing
 * @param {import("./progress.mjs").Progress} progress
 * @returns {Promise<import("./outcome.mjs").StepOutcome>}
 */
async function installMissing(missing, progress) {
  const packages = missing.flatMap((need) => need.packages);
  const whatIsMissing = `Missing: ${missing.map((need) => need.what).join(", ")}.`;
  const access = await findAptAccess();
  if (access === "not at all") {
    return failed(exitCodes.systemPackages, whatIsMissing, adviseByHand(packages));
  }
  const install = () =>
    progress.during(`installing ${packages.join(" ")}`, (update) =>
      apt(access, ["install", "--yes", "--no-install-recommends", "--no-remove", ...packages], (line) => {
        if (/^(Get:|Unpacking|Setting up)/.test(line))
          update(`installing system packages: ${line.slice(0, 60)}`);
      }),
    );
  // The lists of a fresh machine or image are empty or out of date; on others the update is time lost.
  let result = await install();
  if (!endedWell(result)) {
    result = await progress.during("fetching the package lists", () => apt(access, ["update"]));
    if (endedWell(result)) result = await install();
  }
  const stillMissing = missing.filter((need) => !need.isThere());
  if (endedWell(result) && stillMissing.length === 0) return ready(`installed ${packages.join(" ")}`);
  const why = endedWell(result)
    ? `apt-get ended well, but still missing: ${stillMissing.map((need) => need.what).join(", ")}`
    : explainResult(result);
  return failed(
    exitCodes.systemPackages,
    `${whatIsMissing} apt-get could not help: ${why}`,
    adviseByHand(packages),
  );
}

/** @param {string[]} packages @returns {string} */
export function adviseByHand(packages) {
  return [
    "On Debian or Ubuntu, run:",
    `  sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${packages.join(" ")}`,
    "On another system install its packages for the same things. Then start again.",
  ].join("\n");
}

/** @returns {Promise<AptAccess>} */
export async function findAptAccess() {
  if (!isOnPath("apt-get")) return "not at all";
  if (process.getuid?.() === 0) return "as root";
  // -n: never ask for a password; nobody may be there to type one.
  return isOnPath("sudo") && endedWell(await runCommand("sudo", ["-n", "true"])) ? "with sudo" : "not at all";
}

/** @param {AptAccess} access @param {string[]} args @param {(line: string) => void} [onLine] */
export function apt(access, args, onLine) {
  const quiet = ["-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300", ...args];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  return access === "as root"
    ? runCommand("apt-get", quiet, { env, onLine })
    : runCommand("sudo", ["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...quiet], { onLine });
}

/** @param {string} program */
export function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {string} name */
function hasArchive(name) {
  const folders = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"];
  const ofArchitectures = existsSync("/usr/lib")
    ? readdirSync("/usr/lib")
        .filter((entry) => entry.endsWith("-linux-gnu"))
        .map((entry) => join("/usr/lib", entry))
    : [];
  return [...folders, ...ofArchitectures].some((folder) => existsSync(join(folder, name)));
}

/** @param {RegExp} name of a font file */
function hasFont(name) {
  return fontPlaces.some((place) => existsSync(place) && holdsFont(place, name));
}

/** @param {string} folder @param {RegExp} name @returns {boolean} */
function holdsFont(folder, name) {
  return readdirSync(folder, { withFileTypes: true }).some((entry) =>
    entry.isDirectory()
      ? holdsFont(join(folder, entry.name), name)
      : name.test(entry.name) && /\.(ttf|otf|ttc)$/i.test(entry.name),
  );
}
