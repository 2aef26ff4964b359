// How many notes came to which end, at the head of a report. A count leads to the notes that it counts.

import type { RecoveryReport } from "../../shared/recovery/plan-types";
import { Icon } from "../design/Icon";
import { countWords } from "../design/words";
import { countsOf, groupOfCount, type ReportGroup } from "./report-model";

type OutcomeCountsProps = {
  readonly report: RecoveryReport;
  readonly groups: readonly ReportGroup[];
  readonly onGoTo: (group: ReportGroup["key"]) => void;
};

export function OutcomeCounts({ report, groups, onGoTo }: OutcomeCountsProps) {
  return (
    <ul className="counts" aria-label="Outcomes">
      {countsOf(report).map(({ key, icon, count, text }) => {
        const group = count === 0 ? null : groupOfCount(groups, key);
        const words = (
          <>
            <Icon name={icon} />
            <span>
              <strong>{countWords(count)}</strong> {text}
            </span>
          </>
        );
        return (
          <li key={key} className={count === 0 ? "none" : key}>
            {group === null ? (
              <span className="count">{words}</span>
            ) : (
              <button type="button" className="count" onClick={() => onGoTo(group)}>
                {words}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
