/** What can be wrong with the place where a storage keeps its data, whatever kind of storage it is. */
export type TroubleKind =
  /** There is no room for more; reading goes on, and so does writing once there is room again. */
  | "full"
  /** What was stored cannot be read any more. */
  | "damaged";

/** Thrown by a storage instead of its own errors. The transaction it happened in has not happened. */
export class StorageTrouble extends Error {
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, message: string) {
    super(message);
    this.name = "StorageTrouble";
    this.kind = kind;
  }
}
