/**
 * `Menu` and `MenuItem` as data that can be looked up and clicked. Nothing is drawn, and no accelerator is heard:
 * pressing a key in the page never runs a menu item here.
 */
import { ElectronEmitter, ElectronObject, notImplemented } from "./not-implemented";
import { windows } from "./windows";

type Click = (item: MenuItem, window: unknown, event: object) => void;

export interface MenuItemOptions {
  readonly id?: string;
  readonly label?: string;
  readonly sublabel?: string;
  readonly toolTip?: string;
  readonly icon?: unknown;
  readonly role?: string;
  readonly type?: "normal" | "separator" | "submenu" | "checkbox" | "radio";
  readonly accelerator?: string;
  readonly registerAccelerator?: boolean;
  readonly enabled?: boolean;
  readonly visible?: boolean;
  readonly checked?: boolean;
  readonly submenu?: readonly MenuItemOptions[] | Menu;
  readonly click?: Click;
}

const knownOptions: ReadonlySet<string> = new Set<keyof MenuItemOptions>([
  "id",
  "label",
  "sublabel",
  "toolTip",
  "icon",
  "role",
  "type",
  "accelerator",
  "registerAccelerator",
  "enabled",
  "visible",
  "checked",
  "submenu",
  "click",
]);

export class MenuItem extends ElectronObject {
  readonly id: string | undefined;
  readonly role: string | undefined;
  readonly type: string;
  readonly accelerator: string | undefined;
  readonly submenu: Menu | undefined;
  label: string;
  sublabel: string;
  toolTip: string;
  enabled: boolean;
  visible: boolean;
  checked: boolean;
  private readonly onClick: Click | undefined;

  constructor(options: MenuItemOptions) {
    super();
    const unknown = Object.keys(options).find((name) => !knownOptions.has(name));
    if (unknown !== undefined) throw notImplemented(`the menu item option '${unknown}'`);
    this.id = options.id;
    this.role = options.role?.toLowerCase();
    this.submenu =
      options.submenu instanceof Menu
        ? options.submenu
        : options.submenu && Menu.buildFromTemplate(options.submenu);
    this.type = options.type ?? (this.submenu === undefined ? "normal" : "submenu");
    this.accelerator = options.accelerator;
    this.label = options.label ?? options.role ?? "";
    this.sublabel = options.sublabel ?? "";
    this.toolTip = options.toolTip ?? "";
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.checked = options.checked ?? false;
    this.onClick = options.click;
  }

  click(event: object = {}, window: unknown = windows.focused): void {
    if (this.type === "checkbox") this.checked = !this.checked;
    if (this.onClick !== undefined) this.onClick(this, window, event);
    else if (this.role !== undefined) throw notImplemented(`the menu role '${this.role}'`);
  }
}

export class Menu extends ElectronEmitter {
  static buildFromTemplate(template: readonly (MenuItemOptions | MenuItem)[]): Menu {
    if (!Array.isArray(template))
      throw new TypeError("Invalid template for Menu: Menu template must be an array");
    const menu = new Menu();
    for (const entry of template) menu.append(entry instanceof MenuItem ? entry : new MenuItem(entry));
    return menu;
  }

  static setApplicationMenu(menu: Menu | null): void {
    setMenu(menu);
  }

  static getApplicationMenu(): Menu | null {
    return getMenu();
  }

  readonly items: MenuItem[] = [];

  protected override knownEvents(): ReadonlySet<string> {
    return new Set(["menu-will-show", "menu-will-close"]);
  }

  append(item: MenuItem): void {
    this.items.push(item);
  }

  insert(position: number, item: MenuItem): void {
    this.items.splice(position, 0, item);
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }
}

let applicationMenu: Menu | null = null;

export function getMenu(): Menu | null {
  return applicationMenu;
}

export function setMenu(menu: Menu | null): void {
  applicationMenu = menu;
}
