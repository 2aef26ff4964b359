/** The places of `app.getPath` on Linux (and, for the home folder's children, macOS). Reads, never creates. */
import { readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

export interface AppPathsInput {
  readonly name: string;
  readonly executable: string;
  readonly environment: NodeJS.ProcessEnv;
  /** `--user-data-dir`, absolute. */
  readonly userData: string | undefined;
}

export function defaultPaths({
  name,
  executable,
  environment,
  userData,
}: AppPathsInput): Map<string, string> {
  const home = environment.HOME ?? homedir();
  const config = environment.XDG_CONFIG_HOME ?? join(home, ".config");
  const appData = process.platform === "darwin" ? join(home, "Library", "Application Support") : config;
  const data = userData ?? join(appData, name);
  const listed = readUserFolders(join(config, "user-dirs.dirs"), home);
  const folder = (key: string, otherwise: string): string => listed.get(key) ?? join(home, otherwise);
  return new Map([
    ["home", home],
    ["appData", appData],
    ["userData", data],
    ["sessionData", data],
    ["temp", tmpdir()],
    ["exe", executable],
    ["module", executable],
    ["desktop", folder("DESKTOP", "Desktop")],
    ["documents", folder("DOCUMENTS", "Documents")],
    ["downloads", folder("DOWNLOAD", "Downloads")],
    ["music", folder("MUSIC", "Music")],
    ["pictures", folder("PICTURES", "Pictures")],
    ["videos", folder("VIDEOS", "Videos")],
    ["logs", join(data, "logs")],
    ["crashDumps", join(data, "Crashpad")],
  ]);
}

/** Lines such as `XDG_DOCUMENTS_DIR="$HOME/Papers"`. */
function readUserFolders(file: string, home: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return new Map();
  }
  const found = text.matchAll(/^XDG_([A-Z]+)_DIR="(\$HOME)?([^"]*)"$/gm);
  return new Map(
    [...found].map(([, key, inHome, rest]) => [
      key as string,
      inHome ? join(home, rest ?? "") : (rest ?? ""),
    ]),
  );
}
