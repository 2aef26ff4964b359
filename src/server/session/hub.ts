/** All sessions that follow the history: woken when it grows, and never two of them for the same client file. */

import type { SessionError } from "../protocol/session-error";
import type { StorageTrouble } from "../storage/storage-trouble";
import type { Session } from "./session";
import { Turns } from "./turns";

export class SessionHub {
  readonly #byFile = new Map<number, Session>();
  readonly #troubled: (trouble: StorageTrouble) => void;
  #refusal: SessionError | undefined;
  /** In which all messages of all sessions are worked off. */
  readonly turns: Turns;

  /** `troubled` hears when the store does not do its work. */
  constructor(troubled: (trouble: StorageTrouble) => void = () => {}, turns = new Turns()) {
    this.#troubled = troubled;
    this.turns = turns;
  }

  troubled(trouble: StorageTrouble): void {
    this.#troubled(trouble);
  }

  get size(): number {
    return this.#byFile.size;
  }

  /** Set while nobody may synchronise. */
  refusal(): SessionError | undefined {
    return this.#refusal;
  }

  refuseAll(error: SessionError | undefined): void {
    this.#refusal = error;
    if (!error) return;
    for (const session of [...this.#byFile.values()]) session.end(error);
  }

  /**
   * Before their connections are cut. Not a word to the clients: each "try again" would double the time a client waits
   * after the next one, for as long as its process lives, while a cut connection is back within about a second.
   */
  retire(error: SessionError): void {
    this.#refusal = error;
    for (const session of [...this.#byFile.values()]) session.close();
  }

  /** A client that lost its connection comes back before the server notices: the new session takes over. */
  add(session: Session, fileIdent: number): void {
    const former = this.#byFile.get(fileIdent);
    if (former !== session) former?.close();
    this.#byFile.set(fileIdent, session);
  }

  remove(session: Session): void {
    const { fileIdent } = session;
    if (fileIdent !== undefined && this.#byFile.get(fileIdent) === session) this.#byFile.delete(fileIdent);
  }

  /** Before history is forgotten: so that who is here does not need what is about to go. */
  catchUpAll(): void {
    for (const session of [...this.#byFile.values()]) session.catchUp();
  }

  wakeOthers(origin: Session): void {
    for (const session of [...this.#byFile.values()]) {
      if (session !== origin) session.wake();
    }
  }

  /** For what takes long to make ready for each of them: others have their turn in between. */
  wakeOthersOneByOne(origin: Session): void {
    const sessions = [...this.#byFile.values()].filter((session) => session !== origin);
    const wakeNext = (): void => {
      const session = sessions.shift();
      if (!session) return;
      session.wake();
      setImmediate(wakeNext);
    };
    setImmediate(wakeNext);
  }

  wakeAll(): void {
    for (const session of [...this.#byFile.values()]) session.wake();
  }
}
