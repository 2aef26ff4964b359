// The versions of one note beside each other: before, this computer's, the other device's. Changes are marked
// against the version before, in words for those who do not see colours.

import { useMemo } from "react";
import type { ReportItem } from "../../shared/recovery/plan-types";
import { Dialog } from "../design/Dialog";
import { readAgain } from "../editor/editing-store";
import { request } from "../stores/bridge";
import { announce } from "../stores/toast-store";
import { closeOverlay, markSettled } from "../stores/view-store";
import { compareLines } from "./compare-lines";
import { keepActionsOf, type ResolveChoice } from "./report-model";
import "./report.css";

type CompareDialogProps = { readonly resetId: string; readonly item: ReportItem };

export function CompareDialog({ resetId, item }: CompareDialogProps) {
  const settle = async (choice: ResolveChoice, label: string) => {
    const answer = await request("reports:resolve", { resetId, noteId: item.noteId, choice });
    if (answer.kind === "refused") return;
    markSettled(resetId, item.noteId, label);
    announce(`${label}: ${item.title}`);
    closeOverlay();
    await readAgain();
  };
  return (
    <Dialog
      title={`Compare ${item.title}`}
      size="wide"
      onClose={closeOverlay}
      buttons={[
        <div key="keep" className="button-group">
          {keepActionsOf(item).map(({ label, choice }) => (
            <button key={choice} type="button" className="button" onClick={() => void settle(choice, label)}>
              {label}
            </button>
          ))}
        </div>,
        <button key="close" type="button" className="button" data-first-focus onClick={closeOverlay}>
          Close
        </button>,
      ]}
    >
      <p>{item.sentence}</p>
      <div className="compare">
        <Version title="Before" text={item.base} against={null} />
        <Version title="On this computer" text={item.mine} against={item.base} />
        <Version title="On the other device" text={item.theirs} against={item.base} />
        {item.outcome === "merged" ? <Version title="Now" text={item.result} against={item.base} /> : null}
      </div>
    </Dialog>
  );
}

type VersionProps = { readonly title: string; readonly text: string | null; readonly against: string | null };

export function Version({ title, text, against }: VersionProps) {
  const lines = useMemo(
    () => (text === null ? [] : compareLines(against ?? text, text).map((line, key) => ({ ...line, key }))),
    [text, against],
  );
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <div
        className="compare-text selectable"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling text has to be reachable by the keyboard
        tabIndex={0}
      >
        {text === null ? <p className="compare-absent">Not known.</p> : null}
        {lines.map(({ kind, text: line, key }) => {
          if (kind === "same") {
            return (
              <span key={key} dir="auto" className="line">
                {line}
              </span>
            );
          }
          const Mark = kind === "added" ? "ins" : "del";
          return (
            <Mark key={key} className="line">
              <span className="visually-hidden">{kind === "added" ? "Added: " : "Removed: "}</span>
              {/* The direction is that of the line, not of the words before it. */}
              <span dir="auto" className="line-text">
                {line}
              </span>
            </Mark>
          );
        })}
      </div>
    </section>
  );
}
