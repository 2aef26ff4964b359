// 'What is happening?': the plain explanation and the facts a supporter would ask for, behind a fold.

import { useId, useState } from "react";
import type { ResetDetails } from "../../shared/ipc-contract";
import { Icon } from "../design/Icon";
import { request } from "../stores/bridge";
import { announce } from "../stores/toast-store";
import { detailRows, whyFreshCopy } from "./reset-words";

export function DetailsDisclosure({ details }: { readonly details: ResetDetails }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <div className="details">
      <button
        type="button"
        className="disclosure"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Icon name="chevron" className={open ? "turned" : ""} />
        What is happening?
      </button>
      {open ? (
        <div id={id} className="details-body">
          <p>
            {whyFreshCopy(details.cause)} Perennial has first made a copy of everything here and checked it.
            What only this computer has is taken from that copy and put back.
          </p>
          <dl className="selectable">
            {detailRows(details).map(([term, text]) => (
              <div key={term}>
                <dt>{term}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          <CopyDetails />
        </div>
      ) : null}
    </div>
  );
}

export function CopyDetails() {
  const copy = async () => {
    const answer = await request("reset:copy-details");
    if (answer.kind === "ok") announce("Details copied");
  };
  return (
    <button type="button" className="button small" onClick={() => void copy()}>
      <Icon name="copy" />
      Copy details
    </button>
  );
}
