/** What can be wrong with the place where a storage keeps its data, whatever kind of storage it is. */
export type TroubleKind =
  /** There is no room for more; reading goes on, and so does writing once there is room again. */
  | "full"
  /** What was stored cannot be read any more. */
  | "damaged";

/** What the operator should do, in the log and in `status`. */
export const adviceOn = {
  full: "The disk is full: no change is accepted until there is room. Nothing that was acknowledged is lost.",
  damaged:
    "The store is damaged. See what is wrong with 'perennial-server check', and put a backup in its place with " +
    "'perennial-server restore FILE': the damaged store is kept beside it.",
} as const;

/** Thrown by a storage instead of its own errors. The transaction it happened in has not happened. */
export class StorageTrouble extends Error {
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, message: string) {
    super(message);
    this.name = "StorageTrouble";
    this.kind = kind;
  }
}
