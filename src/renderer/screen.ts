// Which page fills the window, and which question stands over it. Pure: the state of the app and of the window in,
// one answer out, so that two questions can never stand over each other.

import type { AppState, ResetView } from "../shared/ipc-contract";
import type { Overlay, Page, ViewState } from "./stores/view-store";

type View<K extends ResetView["kind"]> = Extract<ResetView, { kind: K }>;

export type Screen =
  | { readonly kind: "starting" }
  | { readonly kind: "restarting" }
  | { readonly kind: "recovering"; readonly view: View<"recovering"> }
  /** Recovery waits for an answer; there are no notes to show behind the question. */
  | { readonly kind: "waiting" }
  | { readonly kind: "sign-in" }
  /** The safety copies, by themselves: nobody is signed in. */
  | { readonly kind: "copies" }
  | { readonly kind: "notes" };

/** What of the window's own state decides it. */
type Looking = Pick<ViewState, "readingMeanwhile"> & {
  /** Main has told of notes that can be shown. */
  readonly hasNotes: boolean;
};

export function screenOf(
  app: AppState | null,
  { readingMeanwhile, hasNotes }: Looking,
  page: Page["kind"] = "note",
): Screen {
  if (app === null) return { kind: "starting" };
  const { reset } = app;
  if (reset.kind === "restarting") return { kind: "restarting" };
  // A recovery cannot go on before its user is signed in, and only a page that asks for it leads there.
  if (reset.kind === "recovering" && app.sync.kind === "signed-out") return { kind: "sign-in" };
  // Notes that can be written to say more than a bar that moves.
  if (reset.kind === "recovering" && !hasNotes) return { kind: "recovering", view: reset };
  if (!readingMeanwhile && (reset.kind === "review" || reset.kind === "stopped")) return { kind: "waiting" };
  // Whom the server has signed out keeps the notes that are open.
  const isEnded = app.sync.kind === "ended";
  if (app.account.kind === "signed-out" && !isEnded && (reset.kind === "none" || reset.kind === "finished")) {
    if (app.viewedCopy !== null) return { kind: "notes" };
    if (page === "copies") return { kind: "copies" };
    // Who is signed in is not known before the start is over.
    return { kind: app.sync.kind === "starting" ? "starting" : "sign-in" };
  }
  return { kind: "notes" };
}

export type Question =
  | View<"prompt">
  | View<"copy-failed">
  | View<"review">
  | View<"stopped">
  | { readonly kind: "overlay"; readonly overlay: Overlay };

/** A dialog that is open is finished first; the reset's question waits for it. */
export function questionOf(
  app: AppState | null,
  { overlay, ...looking }: Looking & Pick<ViewState, "overlay">,
): Question | null {
  if (app === null) return null;
  const { reset } = app;
  const asksOverPage = reset.kind === "review" || reset.kind === "stopped";
  const screen = screenOf(app, looking).kind;
  // The other pages have no notes that the dialog could be about; before a log-in there are the safety copies.
  const isAboutWhatIsShown = screen === "notes" || (screen === "sign-in" && overlay?.kind === "delete-copy");
  if (overlay !== null && isAboutWhatIsShown) return { kind: "overlay", overlay };
  if (reset.kind === "prompt" || reset.kind === "copy-failed") return reset;
  return asksOverPage && !looking.readingMeanwhile ? reset : null;
}
