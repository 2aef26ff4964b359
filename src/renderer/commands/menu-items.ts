// The commands as menus: for the window's own menus and, described as data, for the native menu bar.

import type { MenuDescription } from "../../shared/ipc-contract";
import type { MenuGroup } from "../design/Menu";
import { platform } from "../design/platform";
import type { Command, CommandState } from "./command";
import { acceleratorOf, chordWords } from "./keys";
import { type CommandMenu, runCommand } from "./registry";

/** The keys that are shown beside a command, or null. */
export function keyWords(command: Command): string | null {
  const first = command.keys[0];
  return first === undefined ? null : chordWords(first.chord, platform);
}

export function menuGroups(menu: CommandMenu, state: CommandState): readonly MenuGroup[] {
  return menu.groups.map((group) => ({
    heading: null,
    items: group.map((command) => ({
      id: command.id,
      title: command.title(state),
      keys: keyWords(command),
      enabled: command.isEnabled(state),
      run: () => runCommand(command.id),
    })),
  }));
}

/** Every command that makes sense now, under the titles of the menus: for the window's one menu button. */
export function everyMenu(all: readonly CommandMenu[], state: CommandState): readonly MenuGroup[] {
  return all
    .map((menu) => ({
      heading: menu.title,
      items: menuGroups(menu, state).flatMap(({ items }) => items.filter(({ enabled }) => enabled)),
    }))
    .filter(({ items }) => items.length > 0);
}

export function describeMenus(all: readonly CommandMenu[], state: CommandState): MenuDescription[] {
  return all.map((menu) => ({
    title: menu.title,
    items: menu.groups.flatMap((group, index) => [
      ...(index === 0 ? [] : [null]),
      ...group.map((command) => {
        const chord = command.keys[0]?.chord;
        return {
          command: command.id,
          title: command.title(state),
          accelerator: chord === undefined ? null : acceleratorOf(chord),
          enabled: command.isEnabled(state),
        };
      }),
    ]),
  }));
}
