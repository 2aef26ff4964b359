// The settings: how changes are put back into a fresh copy of the notes, whether Perennial restarts for it, and
// whether the plan is shown first. A choice holds at once, for the next recovery; main keeps it.

import { useEffect, useId, useState } from "react";
import type { SettingsShown } from "../../shared/ipc-contract";
import { type StrategyName, strategyNames } from "../../shared/recovery/plan-types";
import { strategyWords } from "../../shared/recovery/strategies/words";
import { type ResetWay, resetWays } from "../../shared/reset-machine";
import { Dialog } from "../design/Dialog";
import { ShowMeFirst } from "../reset/ResetDialogs";
import { ask, request } from "../stores/bridge";
import { announce } from "../stores/toast-store";
import { closeOverlay } from "../stores/view-store";
import { ThemeChoice } from "./ThemeChoice";
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
  const chooseWay = async (way: ResetWay) => {
    const answer = await request("settings:choose-reset-way", { way });
    if (answer.kind !== "ok") return;
    setSettings(answer.value);
    announce(`Chosen: ${wayWords[way].title}`);
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
      <ThemeChoice />
      {settings === null ? null : (
        <>
          <Choice
            legend="How your changes are put back"
            text="When Perennial has to get a fresh copy of your notes from the server. A safety copy is made first, whatever you choose, and a report says what became of every note."
            isGiven={settings.isStrategyGiven}
            options={strategyNames}
            words={strategyWords}
            recommended="merge"
            chosen={settings.recoveryStrategy}
            onChoose={(name) => void choose(name)}
          />
          <Choice
            legend="When Perennial has to get a fresh copy"
            text="You are asked first, whatever you choose, and nothing is written before your safety copy is checked."
            isGiven={settings.isResetWayGiven}
            options={resetWays}
            words={wayWords}
            recommended="restart"
            chosen={settings.resetWay}
            onChoose={(way) => void chooseWay(way)}
          />
        </>
      )}
      <ShowMeFirst />
    </Dialog>
  );
}

const wayWords: Readonly<Record<ResetWay, { readonly title: string; readonly text: string }>> = {
  restart: {
    title: "Restart Perennial",
    text: "The window closes and opens again where you were. This always works.",
  },
  immediate: {
    title: "Go on without a restart where that is safe",
    text: "The window stays open. Where Perennial cannot prove that this is safe, it restarts all the same.",
  },
};

type ChoiceProps<Name extends string> = {
  readonly legend: string;
  readonly text: string;
  /** On the command line: then it is shown and cannot be changed. */
  readonly isGiven: boolean;
  readonly options: readonly Name[];
  readonly words: Readonly<Record<Name, { readonly title: string; readonly text: string }>>;
  readonly recommended: Name;
  readonly chosen: Name;
  readonly onChoose: (name: Name) => void;
};

function Choice<Name extends string>(props: ChoiceProps<Name>) {
  const { legend, text, isGiven, options, words, recommended, chosen, onChoose } = props;
  const id = useId();
  return (
    <fieldset className="strategies" disabled={isGiven}>
      <legend>{legend}</legend>
      <p>
        {isGiven
          ? "This was chosen on the command line when Perennial was started, and holds until it is closed."
          : text}
      </p>
      {options.map((name) => (
        <div key={name} className="strategy">
          <input
            id={`${id}-${name}`}
            type="radio"
            name={id}
            checked={name === chosen}
            aria-describedby={`${id}-${name}-text`}
            onChange={() => onChoose(name)}
          />
          <label htmlFor={`${id}-${name}`}>
            {words[name].title}
            {name === recommended ? " (recommended)" : ""}
          </label>
          <p id={`${id}-${name}-text`}>{words[name].text}</p>
        </div>
      ))}
    </fieldset>
  );
}
