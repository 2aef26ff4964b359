// A field that narrows a list down and picks from it: palette, search and 'Move to…' are made of it. The focus
// stays in the field; the arrows walk through the list.

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Icon, type IconName } from "./Icon";
import "./pick-list.css";

export type PickItem = {
  readonly id: string;
  readonly icon: IconName | null;
  readonly title: string;
  /** Under the title. */
  readonly detail: ReactNode;
  /** At the right end: keys, a place. */
  readonly aside: string | null;
};

type PickListProps = {
  readonly label: string;
  readonly placeholder: string;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly items: readonly PickItem[];
  /** The query that the items are for; in a large tree they come a moment after what is typed. */
  readonly itemsFor: string;
  readonly onPick: (item: PickItem) => void;
  /** What stands in an empty list. */
  readonly emptyWords: string;
};

export function PickList(props: PickListProps) {
  const { label, items, query, onPick } = props;
  const [index, setIndex] = useState(0);
  /** Enter was pressed before the items for the query were there; the first of them is what was meant. */
  const [isEntered, setEntered] = useState(false);
  const isBehind = props.itemsFor.trim() !== query.trim();
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const at = Math.min(index, items.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });

  useEffect(() => {
    if (!isEntered || isBehind) return;
    setEntered(false);
    const [first] = items;
    if (first !== undefined) onPick(first);
  }, [isEntered, isBehind, items, onPick]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const item = items[at];
    if (event.key === "Enter") {
      event.preventDefault();
      if (isBehind) setEntered(true);
      else if (item !== undefined) onPick(item);
      return;
    }
    const page = 8;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
    };
    const step = steps[event.key];
    if (step === undefined || items.length === 0) return;
    event.preventDefault();
    const around = (at + step + items.length) % items.length;
    setIndex(Math.abs(step) === 1 ? around : Math.max(0, Math.min(items.length - 1, at + step)));
  };

  return (
    <div className="pick">
      <div className="pick-field">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          data-first-focus
          aria-label={label}
          aria-expanded={items.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={at < 0 ? undefined : `${listId}-${at}`}
          placeholder={props.placeholder}
          spellCheck={false}
          autoComplete="off"
          value={query}
          onChange={(event) => {
            setIndex(0);
            setEntered(false);
            props.onQuery(event.target.value);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div ref={list} id={listId} role="listbox" aria-label={label} className="pick-list" tabIndex={-1}>
        {items.map((item, n) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and the keys
          <div
            key={item.id}
            id={`${listId}-${n}`}
            role="option"
            tabIndex={-1}
            aria-selected={n === at}
            className="pick-item"
            onPointerMove={() => setIndex(n)}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onPick(item)}
          >
            {item.icon === null ? null : <Icon name={item.icon} />}
            <span className="pick-words">
              <span className="pick-title">
                <bdi>{item.title}</bdi>
              </span>
              {item.detail === null ? null : (
                <span className="pick-detail">
                  <bdi>{item.detail}</bdi>
                </span>
              )}
            </span>
            {item.aside === null ? null : <kbd>{item.aside}</kbd>}
          </div>
        ))}
      </div>
      {items.length === 0 ? (
        <p className="pick-empty" role="status">
          {props.emptyWords}
        </p>
      ) : null}
    </div>
  );
}
