/** What the soak tells its clients to do, and what it hears back. Plain data: it travels between processes. */
import type { SoakSchema } from "./random-schema";

export type SoakCommand =
  | {
      readonly kind: "open";
      readonly url: string;
      readonly email: string;
      readonly password: string;
      readonly schema: SoakSchema;
      readonly edition: 1 | 2;
    }
  /** Some random transactions; answers with `Written`. */
  | { readonly kind: "write"; readonly seed: number; readonly transactions: number; readonly tokens: string }
  /** New random queries, or everything. */
  | { readonly kind: "subscribe"; readonly seed: number | "everything" }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  /** Answers whether it happened within the time. */
  | { readonly kind: "uploaded"; readonly limitMs: number }
  | { readonly kind: "downloaded"; readonly limitMs: number }
  | { readonly kind: "subscribed"; readonly limitMs: number }
  | { readonly kind: "dump" }
  /** Those since the last time it was asked. */
  | { readonly kind: "errors" };

/** Something whose presence on the server proves that a change arrived. Nobody ever removes it. */
export type Token = {
  readonly className: string;
  readonly key: string;
  /** Where it stands in that object; absent when it is the object itself. */
  readonly field?: string;
  readonly value?: string;
};

export type Written = {
  readonly operations: number;
  readonly tokens: readonly Token[];
};

/** An object as fields in a canonical form that is the same for client and server. */
export type ObjectDump = Readonly<Record<string, unknown>>;

export type ReplicaDump = {
  /** By class, then by key. */
  readonly objects: Readonly<Record<string, Readonly<Record<string, ObjectDump>>>>;
  /** Class to query, as the server has been told. */
  readonly queries: Readonly<Record<string, string>>;
};

export type SoakError = {
  readonly name: string;
  readonly code: number | undefined;
  readonly message: string;
};
