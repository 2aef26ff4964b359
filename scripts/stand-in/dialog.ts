/**
 * `dialog` without a screen to draw on: every question gets the careful answer at once, and stderr says so. Open and
 * save are canceled, a message box is answered as if its window had been closed. Tests replace these functions.
 */
import { refuseUnknown } from "./not-implemented";
import { say } from "./runtime";

interface MessageBoxOptions {
  readonly message: string;
  readonly buttons?: readonly string[];
  readonly cancelId?: number;
  readonly checkboxChecked?: boolean;
}

interface FileDialogOptions {
  readonly title?: string;
}

/** Electron takes an optional window first. */
function optionsOf<T>(args: readonly unknown[]): T {
  return (args.length > 1 ? args[1] : args[0]) as T;
}

/** Electron's answer to a closed message box: `cancelId`, else a button that reads like a refusal, else the first. */
function answerWhenClosed({ buttons = [], cancelId }: MessageBoxOptions): number {
  if (cancelId !== undefined) return cancelId;
  const refusal = buttons.findIndex((label) => ["cancel", "no"].includes(label.toLowerCase()));
  return Math.max(refusal, 0);
}

function answerMessageBox(args: readonly unknown[]): { response: number; checkboxChecked: boolean } {
  const options = optionsOf<MessageBoxOptions>(args);
  const response = answerWhenClosed(options);
  const label = options.buttons?.[response] ?? "OK";
  say(`a message box is not shown and answered with "${label}": ${options.message}`);
  return { response, checkboxChecked: options.checkboxChecked ?? false };
}

function cancelFileDialog(kind: string, args: readonly unknown[]): void {
  const title = optionsOf<FileDialogOptions | undefined>(args)?.title;
  say(`a dialog to ${kind} is not shown and answered as canceled${title === undefined ? "" : `: ${title}`}`);
}

export const dialog = refuseUnknown("dialog", {
  showMessageBox: async (...args: unknown[]) => answerMessageBox(args),
  showMessageBoxSync: (...args: unknown[]) => answerMessageBox(args).response,
  showErrorBox: (title: string, content: string) => say(`error box: ${title}: ${content}`),
  async showOpenDialog(...args: unknown[]) {
    cancelFileDialog("open a file", args);
    return { canceled: true, filePaths: [] };
  },
  showOpenDialogSync(...args: unknown[]) {
    cancelFileDialog("open a file", args);
    return undefined;
  },
  async showSaveDialog(...args: unknown[]) {
    cancelFileDialog("save a file", args);
    return { canceled: true, filePath: "" };
  },
  showSaveDialogSync(...args: unknown[]) {
    cancelFileDialog("save a file", args);
    return "";
  },
});
