/** `clipboard` within this process: text written by the main process is what it reads back. No other program sees it. */
import { refuseUnknown } from "./not-implemented";

let text = "";

export const clipboard = refuseUnknown("clipboard", {
  async readText(): Promise<string> {
    return text;
  },
  async writeText(written: string): Promise<void> {
    if (typeof written !== "string") throw new TypeError("The text has to be a string");
    text = written;
  },
  clear(): void {
    text = "";
  },
});
