/** `shell`: hands things to the desktop when there is one; headless there is none, and stderr says what was asked. */
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { refuseUnknown } from "./not-implemented";
import { getRuntime, say } from "./runtime";

const opener = process.platform === "darwin" ? "open" : "xdg-open";

/** Resolves with what went wrong, or an empty string. */
function open(what: string): Promise<string> {
  if (getRuntime().headless) {
    say(`there is no desktop that could open ${what}`);
    return Promise.resolve("");
  }
  return new Promise((resolve) => {
    const child = spawn(opener, [what], { detached: true, stdio: "ignore" });
    child.once("error", (error) => resolve(error.message));
    child.once("spawn", () => {
      child.unref();
      resolve("");
    });
  });
}

export const shell = refuseUnknown("shell", {
  openPath: (path: string): Promise<string> => open(path),
  async openExternal(url: string): Promise<void> {
    const problem = await open(new URL(url).href);
    if (problem !== "") throw new Error(problem);
  },
  showItemInFolder(path: string): void {
    void open(dirname(path));
  },
  beep(): void {
    // There is no bell.
  },
});
