// A menu at a point of the window, for the mouse and the keyboard alike: arrows, Home, End, first letters, Enter,
// Escape. What is in it comes from the commands.

import type { KeyboardEvent } from "react";
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from "react";

export type MenuItem = {
  readonly id: string;
  readonly title: string;
  readonly keys: string | null;
  readonly enabled: boolean;
  readonly run: () => void;
};
export type MenuGroup = { readonly heading: string | null; readonly items: readonly MenuItem[] };
export type MenuPoint = { readonly x: number; readonly y: number };

type MenuProps = {
  readonly label: string;
  readonly at: MenuPoint;
  readonly groups: readonly MenuGroup[];
  readonly onClose: () => void;
};

const marginPx = 8;

export function Menu({ label, at, groups, onClose }: MenuProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState(at);

  useLayoutEffect(() => {
    const box = frame.current?.getBoundingClientRect();
    if (box === undefined) return;
    setPlace({
      x: Math.max(marginPx, Math.min(at.x, window.innerWidth - box.width - marginPx)),
      y: Math.max(marginPx, Math.min(at.y, window.innerHeight - box.height - marginPx)),
    });
  }, [at]);

  useLayoutEffect(() => {
    const before = document.activeElement;
    frame.current?.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);

  useEffect(() => {
    const closeOutside = (event: Event) => {
      if (event.target instanceof Node && !frame.current?.contains(event.target)) onClose();
    };
    window.addEventListener("pointerdown", closeOutside, true);
    window.addEventListener("wheel", closeOutside, true);
    window.addEventListener("blur", onClose);
    window.addEventListener("resize", onClose);
    return () => {
      window.removeEventListener("pointerdown", closeOutside, true);
      window.removeEventListener("wheel", closeOutside, true);
      window.removeEventListener("blur", onClose);
      window.removeEventListener("resize", onClose);
    };
  }, [onClose]);

  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(frame.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
    const now = items.indexOf(document.activeElement as HTMLElement);
    const next = nextItem(
      event.key,
      now,
      items.map((item) => item.textContent ?? ""),
    );
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      onClose();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      items[now]?.click();
    } else if (next !== null) {
      event.preventDefault();
      items[next]?.focus();
    }
  };

  return (
    <div
      ref={frame}
      role="menu"
      aria-label={label}
      className="menu"
      // A long one scrolls, and what scrolls has to be reachable.
      tabIndex={0}
      style={{ left: place.x, top: place.y }}
      onKeyDown={onKeyDown}
      onContextMenu={(event) => event.preventDefault()}
    >
      {groups.map((group, index) => (
        <Fragment key={group.items[0]?.id ?? index}>
          {index > 0 ? <hr /> : null}
          {group.heading === null ? null : (
            <div className="menu-heading" aria-hidden="true">
              {group.heading}
            </div>
          )}
          {group.items.map((item) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the menu around it
            <div
              key={item.id}
              role="menuitem"
              tabIndex={-1}
              aria-label={item.title}
              aria-disabled={item.enabled ? undefined : true}
              aria-keyshortcuts={item.keys ?? undefined}
              onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
              onClick={() => {
                if (!item.enabled) return;
                onClose();
                item.run();
              }}
            >
              {item.title}
              {item.keys === null ? null : <kbd>{item.keys}</kbd>}
            </div>
          ))}
        </Fragment>
      ))}
    </div>
  );
}

/** The item a key leads to, or null where the key is not the menu's. */
export function nextItem(key: string, now: number, titles: readonly string[]): number | null {
  const count = titles.length;
  if (count === 0) return null;
  if (key === "ArrowDown") return (now + 1) % count;
  if (key === "ArrowUp") return (now - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key.length !== 1 || key === " ") return null;
  for (let step = 1; step <= count; step++) {
    const index = (now + step) % count;
    if (titles[index]?.toLowerCase().startsWith(key.toLowerCase())) return index;
  }
  return null;
}
