// The settings: how notes are put back when the server starts this computer anew. A choice holds at once, for the next
// recovery; main keeps it.

import { useEffect, useId, useState } from "react";
import type { SettingsShown } from "../../shared/ipc-contract";
import { type StrategyName, strategyNames } from "../../shared/recovery/plan-types";
import { strategyWords } from "../../shared/recovery/strategies/words";
import { Dialog } from "../design/Dialog";
import { ShowMeFirst } from "../reset/ResetDialogs";
import { ask, request } from "../stores/bridge";
import { announce } from "../stores/toast-store";
import { closeOverlay } from "../stores/view-store";
import "./settings.css";

export function SettingsDialog() {
  const [settings, setSettings] = useState<SettingsShown | null>(null);
  useEffect(() => {
    void ask("settings:read").then((answer) => {
      if (answer.kind === "ok") setSettings(answer.value);
    });
  }, []);
  const choose = async (strategy: StrategyName) => {
    const answer = await request("settings:choose-strategy", { strategy });
    if (answer.kind !== "ok") return;
    setSettings(answer.value);
    announce(`Chosen: ${strategyWords[strategy].title}`);
  };
  return (
    <Dialog
      title="Settings"
      size="medium"
      onClose={closeOverlay}
      buttons={[
        <button key="close" type="button" className="button" data-first-focus onClick={closeOverlay}>
          Close
        </button>,
      ]}
    >
      {settings === null ? null : <Strategies settings={settings} onChoose={(name) => void choose(name)} />}
      <ShowMeFirst />
    </Dialog>
  );
}

type StrategiesProps = {
  readonly settings: SettingsShown;
  readonly onChoose: (strategy: StrategyName) => void;
};

function Strategies({ settings, onChoose }: StrategiesProps) {
  const { recoveryStrategy, isStrategyGiven } = settings;
  const id = useId();
  return (
    <fieldset className="strategies" disabled={isStrategyGiven}>
      <legend>When the server starts this computer anew</legend>
      <p>
        {isStrategyGiven
          ? "This was chosen on the command line when Perennial was started, and holds until it is closed."
          : "A safety copy is made first, whatever you choose, and a report says what became of every note."}
      </p>
      {strategyNames.map((name) => (
        <div key={name} className="strategy">
          <input
            id={`${id}-${name}`}
            type="radio"
            name={id}
            checked={name === recoveryStrategy}
            aria-describedby={`${id}-${name}-text`}
            onChange={() => onChoose(name)}
          />
          <label htmlFor={`${id}-${name}`}>
            {strategyWords[name].title}
            {name === "merge" ? " (recommended)" : ""}
          </label>
          <p id={`${id}-${name}-text`}>{strategyWords[name].text}</p>
        </div>
      ))}
    </fieldset>
  );
}
