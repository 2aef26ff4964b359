// What stands where a text would be: a welcome when there are no notes yet, a quiet hint when none is open.

import { importFolder } from "../commands/import-folder";
import { keyWords } from "../commands/menu-items";
import { newNote } from "../commands/new-note";
import { openPalette } from "../commands/open-palette";
import { runCommand } from "../commands/registry";
import { Icon } from "../design/Icon";
import "./editor.css";

type EmptyPaneProps = { readonly notes: "none-yet" | "all-in-trash" | "some" };

export function EmptyPane({ notes }: EmptyPaneProps) {
  if (notes === "all-in-trash") {
    return (
      <main className="editor empty" aria-label="Note">
        <div className="welcome">
          <h1>No notes</h1>
          <p>What you deleted is in the trash and can be restored from there.</p>
          <div className="welcome-buttons">
            <button type="button" className="button primary tall" onClick={() => runCommand(newNote.id)}>
              New note
            </button>
          </div>
        </div>
      </main>
    );
  }
  if (notes === "some") {
    return (
      <main className="editor empty" aria-label="Note">
        <h1 className="visually-hidden">No note is open</h1>
        <p className="empty-hint">
          Choose a note, or go to one with <kbd>{keyWords(openPalette)}</kbd>
        </p>
      </main>
    );
  }
  return (
    <main className="editor empty" aria-label="Note">
      <div className="welcome">
        <Icon name="leaf" className="welcome-leaf" />
        <h1>Your first note</h1>
        <p>
          Notes can hold notes: a tree as deep as you like. Everything you write is saved on this computer at
          once, and comes back whatever happens to the server.
        </p>
        <div className="welcome-buttons">
          <button type="button" className="button primary tall" onClick={() => runCommand(newNote.id)}>
            New note
          </button>
          <button type="button" className="button tall" onClick={() => runCommand(importFolder.id)}>
            Import a folder of Markdown…
          </button>
        </div>
      </div>
    </main>
  );
}
