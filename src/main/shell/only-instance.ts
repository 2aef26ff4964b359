// One process for a data folder: the first runs, and whoever comes later shows the first and ends. Only joins what the
// desktop offers for that; opens nothing.

/** As much of Electron's `app` as this needs. */
export type InstanceApp = {
  /** False: another process has the lock of this data folder, and has been told of this one. */
  readonly requestSingleInstanceLock: () => boolean;
  readonly whenReady: () => Promise<unknown>;
  readonly quit: () => void;
};

/** Answers false where another process is there already; this one then ends. */
export function runAlone(app: InstanceApp, run: () => void | Promise<void>): boolean {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return false;
  }
  void app.whenReady().then(run);
  return true;
}
