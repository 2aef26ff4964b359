/** `Notification` without a desktop: unsupported, as Electron itself says where there is no notification service. */
import { ElectronEmitter } from "./not-implemented";
import { say } from "./runtime";

export class Notification extends ElectronEmitter {
  static isSupported(): boolean {
    return false;
  }

  readonly title: string;
  readonly body: string;

  protected override knownEvents(): ReadonlySet<string> {
    return new Set(["show", "click", "close", "reply", "action", "failed"]);
  }

  constructor({ title = "", body = "" }: { title?: string; body?: string } = {}) {
    super();
    this.title = title;
    this.body = body;
  }

  show(): void {
    say(`notification: ${this.title} ${this.body}`.trim());
  }

  close(): void {
    // It was never on a screen.
  }
}
