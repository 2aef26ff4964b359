// Stands for src/main/realm/realm-app.ts. Creating the app carries stored orders out, as Realm does: the file is copied
// away and then deleted, or deleted at once; where the name to copy to is taken, nothing happens. So is the file of
// a user who was removed from the computer.

import { join } from "node:path/posix";
import type * as real from "../../../main/realm/realm-app";
import { bytesOf, fileAt, makeFolder, remove } from "../disk";
import { currentMachine, theWorld } from "../machines";
import { isLastPoint, moment, point } from "../simulation";
import { metadataOf, metadataPath, recoveredFolder } from "./stored-orders";

export const userId = "user-1";
const user = { id: userId, profile: { email: "gardener@example.com" } } as unknown as real.SyncUser;

export const openRealmApp: typeof real.openRealmApp = () => {
  const machine = currentMachine();
  const metadata = metadataOf(machine.disk, metadataPath(machine.dataDir));
  point("new Realm.App");
  for (const { originalPath } of [...metadata.orders.values()]) carryOut(originalPath);
  for (const removed of metadata.removed) {
    point(`delete the files of ${removed}`);
    remove(machine.disk, join(machine.dataDir, "mongodb-realm/perennial", removed), true);
    metadata.removed.delete(removed);
  }

  /** Answers whether it was done. */
  function carryOut(path: string): boolean {
    const order = metadata.orders.get(path);
    if (order === undefined) return false;
    if (machine.disk.nodes.has(path)) {
      if (order.action === "move" && !copyAway(path, order.recoveryPath)) return false;
      point("order: delete the original");
      remove(machine.disk, path, true);
    }
    metadata.orders.delete(path);
    return true;
  }

  function copyAway(from: string, to: string): boolean {
    const { disk } = machine;
    if (disk.nodes.has(to)) return false;
    makeFolder(disk, recoveredFolder(machine.dataDir));
    const bytes = bytesOf(fileAt(disk, from));
    const put = (content: Buffer) => {
      const node = {
        kind: "file",
        bytes: content,
        synced: content,
        changedAtMs: Date.now(),
        realm: null,
      } as const;
      disk.nodes.set(to, { ...node });
      disk.durable.set(to, disk.nodes.get(to)!);
    };
    if (isLastPoint()) put(bytes.subarray(0, bytes.length >> 1));
    point("order: copy the file away");
    put(bytes);
    return true;
  }

  async function logIn(): Promise<real.LoginResult> {
    await moment(theWorld().latencyMs());
    if (!machine.online || !theWorld().serverUp) {
      return { kind: "unreachable", message: "The server cannot be reached." };
    }
    point("log in");
    metadata.currentUserId = userId;
    return { kind: "ok", user };
  }

  return {
    currentUser: () => (metadata.currentUserId === null ? null : user),
    logIn,
    register: logIn,
    giveAccount: logIn,
    logInAnonymously: logIn,
    async logOut() {
      metadata.currentUserId = null;
    },
    carryOutOrder: (path) => (carryOut(path) ? null : "The file could not be moved."),
    reconnect() {
      for (const session of theWorld().sessions) {
        if (session.process.machine === machine.name) session.networkChanged();
      }
    },
  };
};

// Fails to compile when something new is to be simulated.
({ openRealmApp }) satisfies typeof real;
