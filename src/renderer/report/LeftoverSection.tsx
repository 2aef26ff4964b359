// What has no place in this version's notes, value by value. A large tree has very many: the first are shown, and the
// file that keeps all of them is named.

import type { RecoveryReport } from "../../shared/recovery/plan-types";
import { leftoverText } from "../../shared/recovery/report";

const shownRows = 200;

type Props = { readonly leftovers: NonNullable<RecoveryReport["leftovers"]> };

export function LeftoverSection({ leftovers }: Props) {
  const { values = [], objects = [], file } = leftovers;
  const rows = [
    ...values.map(({ noteId, title, field, value }) => ({ key: `${noteId} ${field}`, title, field, value })),
    ...objects.map(({ className, object }, index) => ({
      key: `${className} ${index}`,
      title: "",
      field: className,
      value: object,
    })),
  ];
  return (
    <>
      <p className="report-cause">{leftoverText(leftovers)}</p>
      {rows.length === 0 ? null : (
        <details className="leftovers">
          <summary>Show what has no place any more ({rows.length})</summary>
          <table>
            <thead>
              <tr>
                <th scope="col" className="cell">
                  Note
                </th>
                <th scope="col" className="cell">
                  Field or kind
                </th>
                <th scope="col" className="cell">
                  Value
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, shownRows).map(({ key, title, field, value }) => (
                <tr key={key}>
                  <th scope="row" className="cell">
                    {title}
                  </th>
                  <td className="cell">{field}</td>
                  <td className="cell selectable">
                    {typeof value === "string" ? value : JSON.stringify(value)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {rows.length > shownRows ? <p>The rest is in {file}.</p> : null}
        </details>
      )}
    </>
  );
}
