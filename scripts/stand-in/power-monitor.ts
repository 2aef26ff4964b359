/** `powerMonitor` of a machine that never sleeps: it can be listened to, and nothing comes. */
import { ElectronEmitter } from "./not-implemented";

class PowerMonitor extends ElectronEmitter {
  protected override knownEvents(): ReadonlySet<string> {
    return new Set(["suspend", "resume", "on-ac", "on-battery", "shutdown", "lock-screen", "unlock-screen"]);
  }

  isOnBatteryPower(): boolean {
    return false;
  }
}

export const powerMonitor = new PowerMonitor();
