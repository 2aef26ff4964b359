// The plan of a recovery, note by note, before anything is written: what would become of each, and its versions.

import { useEffect, useState } from "react";
import type { ReportItem } from "../../shared/recovery/plan-types";
import { Icon } from "../design/Icon";
import { countWords, plural } from "../design/words";
import { Version } from "../report/CompareDialog";
import { pathWords } from "../report/report-model";
import { request } from "../stores/bridge";

const atOnce = 100;

export function PlanItems() {
  const [shown, setShown] = useState<{ total: number; items: readonly ReportItem[] } | null>(null);
  const [open, setOpen] = useState(false);

  const more = async (from: number) => {
    const answer = await request("reset:plan-items", { from, count: atOnce });
    if (answer.kind === "refused") return;
    const { total, items } = answer.value;
    setShown((before) => ({ total, items: [...(before?.items ?? []).slice(0, from), ...items] }));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: read once, when it is opened
  useEffect(() => {
    if (open && shown === null) void more(0);
  }, [open]);

  const left = shown === null ? 0 : shown.total - shown.items.length;
  return (
    <details className="plan-items" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron" className={open ? "turned" : ""} />
        Show every note
      </summary>
      {shown !== null && shown.total > 0 ? <p>What the report would say of each:</p> : null}
      {shown?.total === 0 ? <p>There is nothing to tell of single notes.</p> : null}
      <ul aria-label={shown === null ? "Notes" : plural(shown.total, "note")}>
        {(shown?.items ?? []).map((item) => (
          <PlanItem key={item.noteId} item={item} />
        ))}
      </ul>
      {shown === null || left === 0 ? null : (
        <button type="button" className="link-button" onClick={() => void more(shown.items.length)}>
          Show more ({countWords(left)} left)
        </button>
      )}
    </details>
  );
}

function PlanItem({ item }: { readonly item: ReportItem }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <strong>
        <bdi>{item.title}</bdi>
      </strong>{" "}
      <bdi className="item-path">{pathWords(item.path)}</bdi>
      {/* The plan tells what it will have done. */}
      <p>{item.sentence}</p>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <Icon name="chevron" className={open ? "turned" : ""} />
          Compare {item.title}
        </summary>
        {open ? (
          <div className="compare">
            <Version title="On this computer" text={item.mine} against={item.theirs} />
            <Version title="On the server" text={item.theirs} against={null} />
            <Version title="After recovery" text={item.result} against={item.theirs} />
          </div>
        ) : null}
      </details>
    </li>
  );
}
