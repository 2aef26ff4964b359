/** What a test tells a client of any schema, and its values in a form that travels between processes exactly. */

/** One value. Numbers as text, because JSON has no NaN, no infinity and no negative zero. */
export type Plain =
  | null
  | boolean
  | string
  | { readonly number: string }
  | { readonly data: string }
  | { readonly date: number }
  | { readonly objectId: string }
  | { readonly uuid: string }
  | { readonly decimal: string }
  /** Class and key. */
  | { readonly link: readonly [string, Plain] }
  | { readonly list: readonly Plain[] }
  /** In no order that means anything. */
  | { readonly set: readonly Plain[] }
  | { readonly dictionary: PlainFields }
  | { readonly embedded: PlainFields };

export type PlainFields = { readonly [name: string]: Plain };

/** One edit: the value at the path is set, or the thing at the path does something. */
export type Step = {
  readonly className: string;
  readonly key: Plain;
  readonly path: readonly (string | number)[];
  readonly call?: "push" | "splice" | "add" | "delete" | "set" | "remove" | "clear";
  readonly args: readonly Plain[];
};

export type ResetMode =
  | "manual"
  | "discardUnsyncedChanges"
  | "recoverUnsyncedChanges"
  | "recoverOrDiscardUnsyncedChanges";

/** A client of several users at once; `user` says whose realm is meant, by e-mail address. */
type OfUser = { readonly user: string };

export type AnyCommand =
  | { readonly kind: "exit" }
  | { readonly kind: "multiplex"; readonly url: string }
  | {
      readonly kind: "logIn";
      readonly url: string;
      readonly email: string;
      readonly password: string;
      readonly isNew: boolean;
      /** By what else than the address this user, with a realm of its own, is meant from now on. */
      readonly as?: string;
    }
  | (OfUser & {
      readonly kind: "open";
      /** As `Realm.ObjectSchema`. */
      readonly schema: readonly {
        readonly name: string;
        readonly primaryKey?: string;
        readonly embedded?: boolean;
        readonly properties: Readonly<Record<string, unknown>>;
      }[];
      /** Class to RQL. Put in place anew at every open. */
      readonly queries: Readonly<Record<string, string>>;
      readonly resetMode?: ResetMode;
      /** Of the file, if not the user's usual one. */
      readonly path?: string;
    })
  /** Class to RQL; null takes the subscription away. */
  | (OfUser & { readonly kind: "subscribe"; readonly queries: Readonly<Record<string, string | null>> })
  | (OfUser & {
      readonly kind: "create";
      readonly className: string;
      readonly objects: readonly PlainFields[];
    })
  | (OfUser & { readonly kind: "erase"; readonly className: string; readonly key: Plain })
  | (OfUser & { readonly kind: "edit"; readonly steps: readonly Step[] })
  | (OfUser & { readonly kind: "dump"; readonly className: string })
  | (OfUser & { readonly kind: "uploaded" | "downloaded" | "pause" | "resume" | "close" })
  /** Starts to write down what a progress notification says. */
  | (OfUser & {
      readonly kind: "watch";
      readonly direction: "upload" | "download";
      readonly mode: "reportIndefinitely" | "forCurrentlyOutstandingWork";
    })
  /** What has been written down, since the start of it. */
  | (OfUser & { readonly kind: "watched" })
  /** The calls of reset callbacks and the errors so far. */
  | (OfUser & { readonly kind: "events" })
  /** Resolves with them once one of this name is among them. */
  | (OfUser & { readonly kind: "untilEvent"; readonly name: string });

export type Progress = readonly (readonly [transferred: number, transferable: number])[];

export type AnyEvent = { readonly name: string; readonly detail: string };
