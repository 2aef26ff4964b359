/** What a test tells the client program to do, and what it hears back. Plain data: it travels between processes. */
import type { AccountCommand } from "./account-commands";

export type Credentials =
  | { readonly kind: "anonymous" }
  | { readonly kind: "password"; readonly email: string; readonly password: string }
  | { readonly kind: "jwt"; readonly token: string };

/** A note with ids as text and its children's ids in order; unresolved children are not seen by a client. */
export type NoteDump = {
  readonly id: string;
  readonly text: string;
  readonly children: readonly string[];
  readonly isRoot: boolean;
  readonly owner: string;
  readonly lastUpdatedMs: number | null;
  readonly parentId: string | null;
  readonly orderKey: string | null;
  readonly deletedAtMs: number | null;
};

export type NoteFields = Partial<Omit<NoteDump, "id" | "children">>;

export type SubscribedClass = {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  /** `$0` is the user's id. */
  readonly query: string;
};

export type Values = Readonly<Record<string, string | number | boolean | null>>;

export type Write =
  | {
      readonly kind: "create";
      readonly id: string;
      readonly fields?: NoteFields;
      readonly children?: readonly string[];
    }
  | { readonly kind: "set"; readonly id: string; readonly fields: NoteFields }
  | { readonly kind: "insertChild"; readonly parent: string; readonly index: number; readonly child: string }
  | { readonly kind: "moveChild"; readonly parent: string; readonly from: number; readonly to: number }
  | { readonly kind: "removeChild"; readonly parent: string; readonly index: number }
  | { readonly kind: "delete"; readonly id: string }
  /** Many notes with the same text, in one transaction. */
  | { readonly kind: "createMany"; readonly count: number; readonly text: string };

export type Command =
  | AccountCommand
  | { readonly kind: "register"; readonly url: string; readonly email: string; readonly password: string }
  | { readonly kind: "logIn"; readonly url: string; readonly credentials: Credentials }
  | {
      readonly kind: "open";
      /** RQL for class Note; `$0` is the user's id. None: no subscription at first. */
      readonly query?: string;
      /** Answers as soon as the file is open, without waiting for the server; `synchronised` waits. */
      readonly isImmediate?: boolean;
      readonly noteText?: "string" | "int";
      /** More properties of class Note than the server may have. */
      readonly moreProperties?: Readonly<Record<string, string>>;
      /** Other classes than Note, each with the query to subscribe to it by; keys are the string property `_id`. */
      readonly classes?: readonly SubscribedClass[];
    }
  | {
      readonly kind: "subscribe";
      readonly query: string;
      /** Whether to wait until the server has sent everything. */
      readonly isAwaited: boolean;
    }
  /** Creates or changes an object of one of the other classes. */
  | { readonly kind: "put"; readonly className: string; readonly values: Values }
  | { readonly kind: "remove"; readonly className: string; readonly key: string }
  | { readonly kind: "all"; readonly className: string }
  /** Until the newest subscriptions are complete. */
  | { readonly kind: "synchronised" }
  /** The writes of one transaction. */
  | { readonly kind: "write"; readonly writes: readonly Write[] }
  | { readonly kind: "uploaded" }
  | { readonly kind: "downloaded" }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  | { readonly kind: "notes" }
  | { readonly kind: "count" }
  /** Resolves once the number of notes is this. */
  | { readonly kind: "untilCount"; readonly count: number }
  | { readonly kind: "errors" }
  /** Resolves once there are this many errors. */
  | { readonly kind: "untilErrors"; readonly count: number }
  | { readonly kind: "close" }
  | { readonly kind: "exit" };

export type SyncErrorReport = {
  readonly name: string;
  readonly message: string;
  readonly code: number | undefined;
  readonly configPath: string | undefined;
  readonly isFatal: boolean | undefined;
};
