// A modal dialog: traps the focus, gives it back, closes on Escape. The rest of the window is made inert by App,
// which shows at most one dialog at a time.

import type { KeyboardEvent, ReactNode } from "react";
import { useEffect, useId, useLayoutEffect, useRef } from "react";
import { inButtonOrder, platform } from "./platform";

const focusable =
  'button:not(:disabled), input:not(:disabled), textarea:not(:disabled), [href], [tabindex]:not([tabindex="-1"])';

/** A typist in full flight does not answer a question that appears under the fingers. */
const typistGuardMs = 500;

export type DialogProps = {
  readonly role?: "dialog" | "alertdialog";
  readonly title: string;
  /** Hide the title where the dialog's first line says it already. */
  readonly titleHidden?: boolean;
  readonly size?: "wide" | "medium";
  readonly atTop?: boolean;
  /** Null where Escape must not close it. */
  readonly onClose: (() => void) | null;
  /** Ignore Enter and Space for the first half second. */
  readonly guardTypist?: boolean;
  readonly children: ReactNode;
  /** What stands outside the body that describes the dialog; the main button first. */
  readonly buttons?: readonly ReactNode[];
};

export function Dialog(props: DialogProps) {
  const { role = "dialog", title, onClose, guardTypist = false, buttons = [] } = props;
  const frame = useRef<HTMLDivElement>(null);
  const shownAt = useRef(0);
  const titleId = useId();
  const bodyId = useId();

  useLayoutEffect(() => {
    shownAt.current = performance.now();
    const before = document.activeElement;
    const first = frame.current?.querySelector<HTMLElement>("[data-first-focus]");
    (first ?? frame.current)?.focus();
    return () => {
      // The opener is inert until this dialog has left the page.
      requestAnimationFrame(() => {
        if (before instanceof HTMLElement && before.isConnected && document.activeElement === document.body) {
          before.focus({ preventScroll: true });
        }
      });
    };
  }, []);

  // Focus that slipped out (a click on the veil, a vanished button) comes back.
  useEffect(() => {
    const back = (event: FocusEvent) => {
      // While the focus goes from one element to another, none has it for a moment: that is no reason to take it.
      if (event.relatedTarget === null && document.activeElement === document.body) frame.current?.focus();
    };
    document.addEventListener("focusout", back);
    return () => document.removeEventListener("focusout", back);
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const confirms = event.key === "Enter" || event.key === " ";
    if (guardTypist && confirms && performance.now() - shownAt.current < typistGuardMs) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === "Escape" && onClose !== null) {
      event.preventDefault();
      event.stopPropagation();
      onClose();
      return;
    }
    if (event.key === "Tab") keepTabInside(event, frame.current);
  };

  return (
    <div className={props.atTop ? "veil top" : "veil"}>
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles support it; the rule cannot read a variable */}
      <div
        ref={frame}
        role={role}
        aria-modal="true"
        aria-labelledby={titleId}
        aria-describedby={role === "alertdialog" ? bodyId : undefined}
        className={props.size === undefined ? "dialog" : `dialog ${props.size}`}
        tabIndex={-1}
        onKeyDownCapture={onKeyDown}
        onKeyUpCapture={(event) => {
          // A button fires on the key-up of Space: the key that was down before must not confirm either.
          if (guardTypist && event.key === " " && performance.now() - shownAt.current < typistGuardMs) {
            event.preventDefault();
          }
        }}
      >
        {props.titleHidden ? (
          <h2 id={titleId} className="visually-hidden">
            {title}
          </h2>
        ) : (
          <div className="dialog-body">
            <h2 id={titleId}>{title}</h2>
            <div id={bodyId}>{props.children}</div>
          </div>
        )}
        {props.titleHidden ? props.children : null}
        {buttons.length > 0 ? (
          <div className={platform === "windows" ? "dialog-buttons" : "dialog-buttons trailing"}>
            {inButtonOrder(buttons, platform)}
          </div>
        ) : null}
      </div>
    </div>
  );
}

function keepTabInside(event: KeyboardEvent, frame: HTMLElement | null): void {
  const stops = [...(frame?.querySelectorAll<HTMLElement>(focusable) ?? [])].filter(
    (element) => element.tabIndex >= 0 && element.checkVisibility(),
  );
  const first = stops[0];
  const last = stops.at(-1);
  if (first === undefined || last === undefined) {
    event.preventDefault();
    return;
  }
  const at = document.activeElement;
  if (event.shiftKey && (at === first || at === frame)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && at === last) {
    event.preventDefault();
    first.focus();
  }
}
