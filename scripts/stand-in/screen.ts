/** `screen` with one display of a fixed size: what there is to see headless. README.md lists this among the limits. */
import { ElectronEmitter } from "./not-implemented";

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

const area: Rectangle = { x: 0, y: 0, width: 1920, height: 1080 };

export const primaryDisplay = {
  id: 1,
  label: "stand-in",
  bounds: area,
  workArea: area,
  size: { width: area.width, height: area.height },
  workAreaSize: { width: area.width, height: area.height },
  scaleFactor: 1,
  rotation: 0,
  internal: false,
};

class Screen extends ElectronEmitter {
  protected override knownEvents(): ReadonlySet<string> {
    // A fixed display never comes, goes or changes.
    return new Set(["display-added", "display-removed", "display-metrics-changed"]);
  }

  getPrimaryDisplay(): typeof primaryDisplay {
    return primaryDisplay;
  }

  getAllDisplays(): (typeof primaryDisplay)[] {
    return [primaryDisplay];
  }

  getDisplayMatching(_rectangle: Rectangle): typeof primaryDisplay {
    return primaryDisplay;
  }

  getDisplayNearestPoint(_point: { x: number; y: number }): typeof primaryDisplay {
    return primaryDisplay;
  }
}

export const screen = new Screen();
