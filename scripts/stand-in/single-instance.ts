/**
 * One running app for one user data folder. The lock is a file that names its holder; a second start leaves its
 * greeting in the holder's inbox folder, which the holder watches. Everything that Electron answers at once is
 * synchronous here too.
 */
import { randomUUID } from "node:crypto";
import {
  type FSWatcher,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

export interface Greeting {
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  readonly additionalData: unknown;
}

interface Holder {
  readonly pid: number;
  /** Tells the process apart from a later one of the same number; empty where the system does not say. */
  readonly startedAt: string;
  readonly inbox: string;
}

export class SingleInstanceLock {
  private readonly folder: string;
  private readonly onGreeting: (greeting: Greeting) => void;
  private held: { holder: Holder; watcher: FSWatcher } | undefined;

  /** `folder` may be shared by all processes of one user data folder and nobody else. */
  constructor(folder: string, onGreeting: (greeting: Greeting) => void) {
    this.folder = folder;
    this.onGreeting = onGreeting;
  }

  get isHeld(): boolean {
    return this.held !== undefined;
  }

  /** `true`: this process holds the lock. `false`: another one does, and has the greeting. */
  request(greeting: Greeting): boolean {
    if (this.held !== undefined) return true;
    mkdirSync(this.folder, { recursive: true });
    for (;;) {
      const mine = this.claim();
      if (mine !== undefined) {
        this.hold(mine);
        return true;
      }
      const other = this.readHolder(this.lockFile);
      if (other !== undefined && isAlive(other)) {
        leaveGreeting(other, greeting);
        return false;
      }
      this.clearDead(other);
    }
  }

  release(): void {
    if (this.held === undefined) return;
    this.held.watcher.close();
    rmSync(this.lockFile, { force: true });
    rmSync(this.held.holder.inbox, { recursive: true, force: true });
    this.held = undefined;
  }

  private get lockFile(): string {
    return join(this.folder, "instance.lock");
  }

  /** A link to a complete file, so that nobody ever reads half of one. */
  private claim(): Holder | undefined {
    const name = randomUUID();
    const holder = {
      pid: process.pid,
      startedAt: startOf(process.pid),
      inbox: join(this.folder, `inbox-${name}`),
    };
    const draft = join(this.folder, `draft-${name}`);
    mkdirSync(holder.inbox);
    writeFileSync(draft, JSON.stringify(holder));
    try {
      linkSync(draft, this.lockFile);
      return holder;
    } catch (error) {
      rmSync(holder.inbox, { recursive: true });
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
      throw error;
    } finally {
      rmSync(draft);
    }
  }

  private hold(holder: Holder): void {
    const watcher = watch(holder.inbox, () => this.readInbox(holder));
    watcher.unref();
    this.held = { holder, watcher };
    // A greeting may have come between the claim and the watch.
    this.readInbox(holder);
  }

  private readInbox({ inbox }: Holder): void {
    for (const name of readdirSync(inbox)
      .filter((entry) => entry.endsWith(".greeting"))
      .sort()) {
      const file = join(inbox, name);
      const greeting = JSON.parse(readFileSync(file, "utf8")) as Greeting;
      rmSync(file);
      setImmediate(this.onGreeting, greeting);
    }
  }

  private readHolder(file: string): Holder | undefined {
    try {
      return JSON.parse(readFileSync(file, "utf8")) as Holder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Takes the lock file of a dead holder away, and gives it back should another one have claimed it meanwhile. */
  private clearDead(dead: Holder | undefined): void {
    if (dead === undefined) return;
    const aside = join(this.folder, `dead-${randomUUID()}`);
    try {
      renameSync(this.lockFile, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    if (this.readHolder(aside)?.inbox === dead.inbox) rmSync(dead.inbox, { recursive: true, force: true });
    else linkSync(aside, this.lockFile);
    rmSync(aside);
  }
}

function leaveGreeting(holder: Holder, greeting: Greeting): void {
  // A clock that all processes share orders the greetings; the name is read in alphabetical order.
  const name = `${String(process.hrtime.bigint()).padStart(20, "0")}-${randomUUID()}`;
  writeFileSync(join(holder.inbox, `${name}.draft`), JSON.stringify(greeting));
  renameSync(join(holder.inbox, `${name}.draft`), join(holder.inbox, `${name}.greeting`));
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return startOf(holder.pid) === holder.startedAt;
}

/** Field 22 of /proc/PID/stat: clock ticks from boot to the process's start. A zombie is dead. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}
