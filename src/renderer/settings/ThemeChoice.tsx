// Light, dark, or as the system is: the same choice as in the View menu, where people look for it.

import { useId } from "react";
import { announce } from "../stores/toast-store";
import { setView, type Theme, themes, useView } from "../stores/view-store";

const themeWords: Readonly<Record<Theme, string>> = {
  system: "As the system",
  light: "Light",
  dark: "Dark",
};

export function ThemeChoice() {
  const theme = useView((view) => view.theme);
  const id = useId();
  return (
    <fieldset className="strategies themes">
      <legend>Appearance</legend>
      {themes.map((name) => (
        <label key={name}>
          <input
            type="radio"
            name={id}
            checked={name === theme}
            onChange={() => {
              setView({ theme: name });
              announce(`Chosen: ${themeWords[name]}`);
            }}
          />
          {themeWords[name]}
        </label>
      ))}
    </fieldset>
  );
}
