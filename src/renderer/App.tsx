// The window: which page, which banner, which question over it. Each part knows its own business.

import { type ReactNode, useEffect } from "react";
import type { AppState } from "../shared/ipc-contract";
import { SignInDialog, SignOutDialog } from "./account/AccountDialogs";
import { SignInPage } from "./account/SignInPage";
import { CopiesPage } from "./copies/CopiesPage";
import { DeleteCopyDialog } from "./copies/DeleteCopyDialog";
import { NoticeBanners } from "./copies/NoticeBanners";
import { PageCard } from "./design/PageCard";
import { Toasts } from "./design/Toasts";
import { Editor } from "./editor/Editor";
import { EmptyPane } from "./editor/EmptyPane";
import { showText } from "./editor/editing-store";
import { AboutDialog, KeysDialog } from "./help/HelpDialogs";
import { CompareDialog } from "./report/CompareDialog";
import { ReportPage } from "./report/ReportPage";
import { ReportsPage } from "./report/ReportsPage";
import { UndoRecoveryDialog } from "./report/UndoRecoveryDialog";
import { FreshCopyDialog } from "./reset/FreshCopyDialog";
import { RecoveryPage } from "./reset/RecoveryPage";
import { ResetBanner } from "./reset/ResetBanner";
import { CopyFailed, RestartPrompt, ReviewPlan, Stopped } from "./reset/ResetDialogs";
import { type Question, questionOf, screenOf } from "./screen";
import { Palette } from "./search/Palette";
import { SearchPanel } from "./search/SearchPanel";
import { SettingsDialog } from "./settings/SettingsDialog";
import { StatusBar } from "./status/StatusBar";
import { pendingOf } from "./status/sync-words";
import { isReadOnly, useApp } from "./stores/app-store";
import { useNotes } from "./stores/notes-store";
import { type Overlay, useView } from "./stores/view-store";
import { EmptyTrashDialog } from "./tree/EmptyTrashDialog";
import { MoveToDialog } from "./tree/MoveToDialog";
import type { NoteTree } from "./tree/places";
import { Sidebar } from "./tree/Sidebar";
import "./app.css";

export function App() {
  const app = useApp((state) => state.app);
  const overlay = useView((view) => view.overlay);
  const readingMeanwhile = useView((view) => view.readingMeanwhile);
  const hasNotes = useNotes(({ tree }) => tree !== null);
  const question = questionOf(app, { overlay, readingMeanwhile, hasNotes });
  return (
    <>
      <div className="app" inert={question !== null}>
        {app === null ? <Starting /> : <Page app={app} readingMeanwhile={readingMeanwhile} />}
      </div>
      {app === null || question === null ? null : <Asked app={app} question={question} />}
      <Toasts />
    </>
  );
}

function Starting() {
  return <main className="page" aria-label="Starting" aria-busy="true" />;
}

function Page({ app, readingMeanwhile }: { readonly app: AppState; readonly readingMeanwhile: boolean }) {
  const page = useView((view) => view.page.kind);
  const hasNotes = useNotes(({ tree }) => tree !== null);
  const screen = screenOf(app, { readingMeanwhile, hasNotes }, page);
  switch (screen.kind) {
    case "starting":
      return <Starting />;
    case "waiting":
      return <main className="page" aria-label="Recovery" />;
    case "restarting":
      return (
        <PageCard title="Restarting…">
          <p>Everything is saved. Perennial opens again in a moment.</p>
        </PageCard>
      );
    case "recovering":
      return <RecoveryPage view={screen.view} />;
    case "sign-in":
      return <SignInPage app={app} />;
    case "copies":
      return <CopiesPage canMake={false} backLabel="Back to sign-in" />;
    case "notes":
      return <NotesPage app={app} readingMeanwhile={readingMeanwhile} />;
  }
}

function NotesPage({
  app,
  readingMeanwhile,
}: {
  readonly app: AppState;
  readonly readingMeanwhile: boolean;
}) {
  const sidebarShown = useView((view) => view.sidebarShown);
  const readOnly = isReadOnly(app);
  return (
    <>
      <ResetBanner reset={app.reset} reading={readingMeanwhile} readOnly={readOnly} />
      <NoticeBanners app={app} />
      <div className="notes-page">
        {sidebarShown ? <Sidebar app={app} readOnly={readOnly} /> : null}
        <div className="main-pane">
          {readOnly && !readingMeanwhile && app.viewedCopy === null ? (
            <ReadOnlyLine reset={app.reset} />
          ) : null}
          <MainPane readOnly={readOnly} />
        </div>
      </div>
      <StatusBar app={app} />
    </>
  );
}

function ReadOnlyLine({ reset }: { readonly reset: AppState["reset"] }) {
  const isStarting = reset.kind === "none" || reset.kind === "finished";
  return (
    <aside className="read-only-line" aria-label="Read-only">
      {isStarting
        ? "Getting your notes. You can write in a moment."
        : "Read-only for now. Your notes are safe."}
    </aside>
  );
}

function MainPane({ readOnly }: { readonly readOnly: boolean }) {
  const page = useView((view) => view.page);
  const openId = useView((view) => view.openId);
  const tree = useNotes((notes) => notes.tree);
  const isThere = openId !== null && tree?.rows.has(openId) === true;
  const shownId = page.kind === "note" && isThere ? openId : null;
  useEffect(() => {
    void showText(shownId);
  }, [shownId]);
  if (page.kind === "report") return <ReportPage key={page.resetId} resetId={page.resetId} />;
  if (page.kind === "reports") return <ReportsPage />;
  if (page.kind === "copies") return <CopiesPage canMake={!readOnly} backLabel="Back to the notes" />;
  if (tree === null) return <main className="editor" aria-label="Note" aria-busy="true" />;
  if (shownId === null) {
    // An empty tree that cannot be written yet is one that is still on its way.
    return <EmptyPane notes={readOnly ? "some" : notesIn(tree)} />;
  }
  return <Editor id={shownId} readOnly={readOnly} />;
}

/** The root is a row too, and no note. */
function notesIn({ rows, trashed }: NoteTree): "none-yet" | "all-in-trash" | "some" {
  if (rows.size <= 1) return "none-yet";
  return rows.size - trashed.size <= 1 ? "all-in-trash" : "some";
}

function Asked({ app, question }: { readonly app: AppState; readonly question: Question }): ReactNode {
  switch (question.kind) {
    case "prompt":
      return <RestartPrompt view={question} />;
    case "copy-failed":
      return <CopyFailed view={question} />;
    case "review":
      return <ReviewPlan view={question} />;
    case "stopped":
      return <Stopped view={question} />;
    case "overlay":
      return <OverlayDialog app={app} overlay={question.overlay} />;
  }
}

function OverlayDialog({ app, overlay }: { readonly app: AppState; readonly overlay: Overlay }): ReactNode {
  switch (overlay.kind) {
    case "palette":
      return <Palette />;
    case "search":
      return <SearchPanel />;
    case "keys":
      return <KeysDialog />;
    case "settings":
      return <SettingsDialog />;
    case "about":
      return <AboutDialog app={app} />;
    case "sign-in":
      return <SignInDialog app={app} />;
    case "sign-out":
      return <SignOutDialog app={app} />;
    case "fresh-copy":
      return <FreshCopyDialog pending={pendingOf(app.sync)} />;
    case "move-to":
      return <MoveToDialog ids={overlay.ids} />;
    case "compare":
      return <CompareDialog resetId={overlay.resetId} item={overlay.item} />;
    case "undo-recovery":
      return <UndoRecoveryDialog resetId={overlay.resetId} />;
    case "empty-trash":
      return <EmptyTrashDialog />;
    case "delete-copy":
      return <DeleteCopyDialog copy={overlay.copy} />;
  }
}
