// One group of a report: a heading that folds, and a table of its notes.

import { useId, useState } from "react";
import type { RecoveryReport, ReportItem } from "../../shared/recovery/plan-types";
import { isFailedOf } from "../../shared/recovery/report";
import { Icon } from "../design/Icon";
import { countWords } from "../design/words";
import { settledKey, useView } from "../stores/view-store";
import {
  actionsOf,
  choiceWords,
  type ItemAction,
  pathWords,
  type ReportGroup,
  sentenceOf,
} from "./report-model";

/** Longer groups are shown whole only when asked for: ten thousand rows of buttons would freeze the page. */
const rowsAtFirst = 100;

type GroupSectionProps = {
  readonly group: ReportGroup;
  readonly report: RecoveryReport;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly onAction: (item: ReportItem, action: ItemAction) => void;
};

export function GroupSection({ group, report, isOpen: open, onToggle, onAction }: GroupSectionProps) {
  const [shown, setShown] = useState(rowsAtFirst);
  const settled = useView((view) => view.settled);
  const bodyId = useId();
  const headingId = useId();
  const isFailed = isFailedOf(report);
  const more = group.items.length - shown;
  return (
    <section
      className={group.key === "needs-help" ? "group needs-help" : "group"}
      aria-labelledby={headingId}
      data-group={group.key}
    >
      <h2 id={headingId}>
        <button type="button" aria-expanded={open} aria-controls={bodyId} onClick={onToggle}>
          <Icon name="chevron" className={open ? "turned" : ""} />
          <span>{group.title}</span>
          <span className="group-count">{countWords(group.items.length)}</span>
        </button>
      </h2>
      <div id={bodyId} hidden={!open}>
        {open ? (
          <table aria-labelledby={headingId}>
            <thead className="visually-hidden">
              <tr>
                <th scope="col">Note</th>
                <th scope="col">What happened</th>
                <th scope="col">Actions</th>
              </tr>
            </thead>
            <tbody>
              {group.items.slice(0, shown).map((item) => (
                <tr key={`${item.noteId} ${item.outcome}`}>
                  <th scope="row" className="selectable">
                    <bdi className="item-title">{item.title}</bdi>
                    <bdi className="item-path">{pathWords(item.path)}</bdi>
                  </th>
                  <td className="selectable">
                    {sentenceOf(item, report)}
                    <Settled
                      choice={
                        settled.get(settledKey(report.resetId, item.noteId)) ?? choiceWords(item.settled)
                      }
                    />
                  </td>
                  <td className="item-actions">
                    <div>
                      {actionsOf(item, isFailed(item), report.undoneAtMs !== undefined).map((action) => (
                        <button
                          key={action.label}
                          type="button"
                          className="button small"
                          aria-label={`${action.label} ${item.title}`}
                          onClick={() => onAction(item, action)}
                        >
                          {action.label}
                        </button>
                      ))}
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : null}
        {open && more > 0 ? (
          <button type="button" className="link-button" onClick={() => setShown(shown * 10)}>
            Show more ({countWords(more)} left)
          </button>
        ) : null}
      </div>
    </section>
  );
}

function Settled({ choice }: { readonly choice: string | undefined }) {
  if (choice === undefined) return null;
  return (
    <span className="settled">
      <Icon name="check" />
      You chose: {choice}
    </span>
  );
}
