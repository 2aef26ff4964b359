// What the window says about itself: its keys, its version.

import type { AppState } from "../../shared/ipc-contract";
import { commandState } from "../commands/command";
import { chordWords } from "../commands/keys";
import { menus } from "../commands/registry";
import { Dialog } from "../design/Dialog";
import { platform } from "../design/platform";
import { closeOverlay } from "../stores/view-store";
import "./help.css";

/** The keys that only look around in the tree and are no commands. */
const treeKeys: readonly (readonly [keys: string, words: string])[] = [
  ["↑ ↓", "Go to the line above or below"],
  ["→", "Open a line, then go in"],
  ["←", "Close a line, then go out"],
  ["Home, End", "Go to the first or last line"],
  ["Letters", "Go to the next title that begins so"],
  ["*", "Open all siblings"],
  ["Enter", "Open the note"],
  ["Shift+↑ ↓", "Select several notes"],
  ["Shift+F10", "Menu of the note"],
];

export function KeysDialog() {
  // What a key does, not what it would do just now.
  const state = { ...commandState(), app: null };
  const closeButton = (
    <button key="close" type="button" className="button" data-first-focus onClick={closeOverlay}>
      Close
    </button>
  );
  return (
    <Dialog title="Keyboard shortcuts" size="medium" onClose={closeOverlay} buttons={[closeButton]}>
      <div
        className="keys"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling list has to be reachable by the keyboard
        tabIndex={0}
      >
        {menus.map((menu) => {
          const withKeys = menu.groups.flat().filter((command) => command.keys.length > 0);
          return withKeys.length === 0 ? null : (
            <section key={menu.title}>
              <h3>{menu.title}</h3>
              <dl>
                {withKeys.map((command) => (
                  <div key={command.id}>
                    <dt>{command.title(state)}</dt>
                    <dd>
                      {command.keys.map(({ chord }) => (
                        <kbd key={chord}>{chordWords(chord, platform)}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
        <section>
          <h3>In the tree</h3>
          <dl>
            {treeKeys.map(([keys, words]) => (
              <div key={keys}>
                <dt>{words}</dt>
                <dd>
                  <kbd>{keys}</kbd>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

export function AboutDialog({ app }: { readonly app: AppState }) {
  return (
    <Dialog
      title="Perennial"
      onClose={closeOverlay}
      buttons={[
        <button key="close" type="button" className="button" data-first-focus onClick={closeOverlay}>
          Close
        </button>,
      ]}
    >
      <p className="selectable">
        Version {app.version}, on {app.runtime}.
      </p>
      <p>
        Notes that come back, every time: no note is lost when this computer has to start again from the
        server.
      </p>
    </Dialog>
  );
}
