// The simulated machines: a disk, a clock that may be wrong, a network cable, and at most one running process. And
// the wire between them and the one server.

import type { Disk } from "./disk";
import type { SchemaName } from "./fakes/stored-notes";
import type { Changeset, Overruled } from "./objects";
import type { ResetOrder, ServerModel } from "./server-model";
import { currentProcess, Killed, type SimulatedProcess } from "./simulation";

export type Machine = {
  readonly name: string;
  readonly dataDir: string;
  readonly disk: Disk;
  /** How wrong its clock is. */
  clockOffsetMs: number;
  online: boolean;
  /** What the server says does not arrive; what the machine says does. */
  deaf: boolean;
  /** How long the server takes to send a fresh copy. */
  bootstrapMs: number;
  /** Whether the old file is moved by a restart, or by the running app. */
  resetWay: "restart" | "immediate";
  /** The next upload is refused with this. */
  refuseNextUpload: ResetOrder | null;
  process: SimulatedProcess | null;
  /** What was asked of the realm of notes since the machine was made: notes read, instructions written. */
  readonly work: { reads: number; writes: number };
  /** Whose hand the writes of the running process are now. */
  origin: () => Changeset["origin"];
};

/** A session of an open realm, as the wire sees it. */
export type WireSession = {
  readonly process: SimulatedProcess;
  readonly path: string;
  readonly networkChanged: () => void;
  readonly newsAtServer: () => void;
  readonly receive: (order: ResetOrder) => void;
};

export type World = {
  readonly machines: Map<string, Machine>;
  readonly server: ServerModel;
  serverUp: boolean;
  /** What the notes look like on the server; a file of another look is refused. */
  schema: SchemaName;
  readonly sessions: Set<WireSession>;
  /** One way, in ms. */
  readonly latencyMs: () => number;
  /** Whether the server does not allow this changeset. */
  readonly forbidden: (changeset: Changeset) => boolean;
  /** What the server says of a changeset that is larger than it takes; null: it takes it. */
  readonly tooLarge: (changeset: Changeset) => ResetOrder | null;
  /** Two processes of the machine have the notes' file open. */
  readonly onShared: (machine: Machine) => void;
  /** LastSynced was moved forward on a machine: nothing up to there may be missing on the server. */
  readonly onAcknowledged: (machine: Machine, key: string, through: number) => void;
  /** A client's pending change does not stand against what others wrote meanwhile, by the rules of sync. */
  readonly onOverruled: (overruled: Overruled) => void;
  /** A local transaction was committed. */
  readonly onCommitted: (machine: Machine, changeset: Changeset) => void;
  nextName: number;
};

let world: World | null = null;

export function setWorld(next: World): void {
  world = next;
}

export function theWorld(): World {
  if (world === null) throw new Error("there is no world");
  return world;
}

export function currentMachine(): Machine {
  return theWorld().machines.get(currentProcess().machine)!;
}

export function currentDisk(): Disk {
  if (currentProcess().dead) throw new Killed();
  return currentMachine().disk;
}

/** All connections are cut, and whoever may connects anew. */
export function cutAll(): void {
  for (const session of [...theWorld().sessions]) session.networkChanged();
}
