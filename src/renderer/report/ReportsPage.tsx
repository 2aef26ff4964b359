// All recoveries of this computer, newest first: Help ▸ Recovery reports.

import { useEffect, useRef, useState } from "react";
import type { ReportSummary } from "../../shared/ipc-contract";
import { causeText } from "../../shared/recovery/report";
import { Icon } from "../design/Icon";
import { dateAndTime, plural } from "../design/words";
import { ask } from "../stores/bridge";
import { showPage } from "../stores/view-store";
import "./report.css";

export function ReportsPage() {
  const [reports, setReports] = useState<readonly ReportSummary[] | string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    void ask("reports:list").then((answer) =>
      setReports(
        answer.kind === "ok"
          ? [...answer.value].sort((a, b) => b.finishedAtMs - a.finishedAtMs)
          : answer.message,
      ),
    );
  }, []);
  return (
    <main className="report" aria-busy={reports === null}>
      <div className="report-column">
        <h1 ref={heading} tabIndex={-1}>
          Recovery reports
        </h1>
        {typeof reports === "string" ? <p className="report-summary">{reports}</p> : null}
        {Array.isArray(reports) && reports.length === 0 ? (
          <p className="report-summary">
            No recovery was ever needed on this computer. If one is, its report stays here.
          </p>
        ) : null}
        <ul className="report-list">
          {(Array.isArray(reports) ? (reports as readonly ReportSummary[]) : []).map((report) => (
            <li key={report.resetId}>
              <button type="button" onClick={() => showPage({ kind: "report", resetId: report.resetId })}>
                <Icon name={report.needsHelp > 0 ? "help" : "check"} />
                <span className="report-line">
                  <strong>{dateAndTime(report.finishedAtMs)}</strong>
                  <span>
                    {plural(report.changesRestored, "change")} restored
                    {report.needsHelp > 0
                      ? ` · ${report.needsHelp === 1 ? "1 needs" : `${report.needsHelp} need`} your help`
                      : ""}
                  </span>
                  <span className="item-path">{causeText(report.cause)}</span>
                </span>
                <Icon name="chevron" />
              </button>
            </li>
          ))}
        </ul>
        <div className="report-buttons">
          <button type="button" className="button small" onClick={() => showPage({ kind: "note" })}>
            Back to the notes
          </button>
        </div>
      </div>
    </main>
  );
}
