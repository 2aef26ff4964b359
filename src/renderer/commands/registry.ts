// All commands, in the order and the groups of the menus. The native menu, the palette, the menus of the window
// and the help of the keys are all made from this.

import { about } from "./about";
import { collapseAll } from "./collapse-all";
import { type Command, commandState } from "./command";
import { emptyTrash } from "./empty-trash";
import { expandAll } from "./expand-all";
import { exportNotes } from "./export-notes";
import { focusEditor } from "./focus-editor";
import { focusTreeCommand } from "./focus-tree";
import { getFreshCopy } from "./get-fresh-copy";
import { importFolder } from "./import-folder";
import { indentNoteCommand } from "./indent-note";
import { moveNoteDown } from "./move-note-down";
import { moveNoteTo } from "./move-note-to";
import { moveNoteUp } from "./move-note-up";
import { newChildNote } from "./new-child-note";
import { newNote } from "./new-note";
import { openDataFolder } from "./open-data-folder";
import { openNoteCommand } from "./open-note";
import { openPalette } from "./open-palette";
import { outdentNoteCommand } from "./outdent-note";
import { recoveryReports } from "./recovery-reports";
import { redoCommand } from "./redo";
import { renameNoteCommand } from "./rename-note";
import { restartAndRecover } from "./restart-and-recover";
import { restoreNoteCommand } from "./restore-note";
import { safetyCopies } from "./safety-copies";
import { searchNotes } from "./search-notes";
import { settings } from "./settings";
import { showKeys } from "./show-keys";
import { signIn } from "./sign-in";
import { signOut } from "./sign-out";
import { supportBundle } from "./support-bundle";
import { themeDark } from "./theme-dark";
import { themeLight } from "./theme-light";
import { themeSystem } from "./theme-system";
import { toggleSidebar } from "./toggle-sidebar";
import { trashNoteCommand } from "./trash-note";
import { undoCommand } from "./undo";
import { workOffline } from "./work-offline";

export type CommandMenu = {
  readonly title: string;
  readonly groups: readonly (readonly Command[])[];
};

export const menus: readonly CommandMenu[] = [
  {
    title: "File",
    groups: [
      [newNote, newChildNote],
      [importFolder, exportNotes, openDataFolder],
      [settings],
      [signIn, signOut],
    ],
  },
  { title: "Edit", groups: [[undoCommand, redoCommand], [searchNotes]] },
  {
    title: "Note",
    groups: [
      [openNoteCommand, renameNoteCommand],
      [moveNoteTo, moveNoteUp, moveNoteDown, indentNoteCommand, outdentNoteCommand],
      [trashNoteCommand, restoreNoteCommand, emptyTrash],
    ],
  },
  {
    title: "View",
    groups: [
      [openPalette],
      [toggleSidebar, focusTreeCommand, focusEditor],
      [expandAll, collapseAll],
      [themeSystem, themeLight, themeDark],
    ],
  },
  { title: "Sync", groups: [[workOffline], [restartAndRecover, getFreshCopy]] },
  { title: "Help", groups: [[recoveryReports, safetyCopies, supportBundle], [showKeys], [about]] },
];

export const commands: readonly Command[] = menus.flatMap(({ groups }) => groups.flat());

/** What can be done to one line of the tree, by its menu. */
export const noteMenu: CommandMenu = {
  title: "Note",
  groups: [
    [openNoteCommand, newNote, newChildNote],
    [renameNoteCommand, moveNoteTo, moveNoteUp, moveNoteDown, indentNoteCommand, outdentNoteCommand],
    [trashNoteCommand],
  ],
};

export const trashMenu: CommandMenu = {
  title: "Note in the trash",
  groups: [[openNoteCommand, restoreNoteCommand], [emptyTrash]],
};

const byId = new Map(commands.map((command) => [command.id, command]));

/** Does nothing where the command makes no sense now, as a greyed menu item would. */
export function runCommand(id: string): void {
  const command = byId.get(id);
  if (command === undefined) throw new Error(`There is no command named ${id}.`);
  const state = commandState();
  if (command.isEnabled(state)) void command.run(state);
}
