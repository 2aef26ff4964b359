// The few drawings the window needs, as strokes on a 16 × 16 grid. Always decoration: the words stand beside.

const drawings = {
  check: "M3 8.5l3.2 3.2L13 5",
  sync: "M13 6.2A5.3 5.3 0 0 0 3.6 5M3 9.8A5.3 5.3 0 0 0 12.4 11M3.2 2.4V5h2.6M12.8 13.6V11h-2.6",
  dot: "M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8z",
  offline:
    "M2 2l12 12M5 11.8h6.6M4.9 5.4A3.4 3.4 0 0 0 4.3 11.8M7 4.2a4 4 0 0 1 4.9 3.1 2.5 2.5 0 0 1 1.7 3.9",
  pause: "M5.7 3.8v8.4M10.3 3.8v8.4",
  key: "M10.2 2.6a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4zM7.8 8L2.6 13.2M4.4 11.4l1.8 1.8",
  warning: "M8 2.6L14.2 13H1.8zM8 6.6v3.2M8 11.4v.1",
  shield: "M8 2l5 1.8v3.6c0 3.2-2.1 5.5-5 6.6-2.9-1.1-5-3.4-5-6.6V3.8zM5.8 7.9l1.6 1.6 2.9-3",
  search: "M7 2.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8zM10.2 10.2L13.6 13.6",
  plus: "M8 3.2v9.6M3.2 8h9.6",
  compose:
    "M8.4 3.2H4A1.4 1.4 0 0 0 2.6 4.6V12A1.4 1.4 0 0 0 4 13.4h7.4a1.4 1.4 0 0 0 1.4-1.4V7.6M6.4 9.6l.4-2.2 5.6-5.6 1.8 1.8-5.6 5.6z",
  chevron: "M6 4l4 4-4 4",
  trash: "M2.8 4.4h10.4M6.2 4.2V2.8h3.6v1.4M4.2 4.6l.6 8.6h6.4l.6-8.6M6.8 7v3.8M9.2 7v3.8",
  restore: "M3 6.6h6.6a3.4 3.4 0 0 1 0 6.8H6M5.6 3.8L2.8 6.6l2.8 2.8",
  close: "M4 4l8 8M12 4l-8 8",
  more: "M3.4 8h.1M8 8h.1M12.6 8h.1",
  sidebar: "M2.4 3.2h11.2v9.6H2.4zM6.2 3.2v9.6",
  note: "M3.6 2.4h6l2.8 2.8v8.4H3.6zM9.4 2.6v2.8h2.8M5.8 8h4.4M5.8 10.6h3",
  folder: "M2.2 4.2h4.2l1.4 1.6h6v6.8H2.2z",
  leaf: "M13.4 2.6C7 2.8 3 5.6 3 10c0 1 .3 1.9.8 2.6 5.8.8 9.4-3 9.6-10zM2.4 13.6c1.6-3.2 3.6-5.4 6.4-7",
  arrow: "M3 8h10M9 4l4 4-4 4",
  merge:
    "M4 3v3.6c0 2 1.8 2.6 4 2.6s4 .6 4 2.6V13M12 3v3.6c0 1.5-1 2.2-2.4 2.5M2.4 4.8L4 3l1.6 1.8M10.4 4.8L12 3l1.6 1.8",
  copy: "M5.6 5.6h7.6v7.6H5.6zM10.4 5.4V2.8H2.8v7.6h2.6",
  help: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM6.2 6.3c.2-1 .9-1.6 1.9-1.6 1.1 0 1.9.7 1.9 1.7 0 1.4-1.9 1.5-1.9 2.9M8 11.3v.1",
  server: "M2.8 3h10.4v4H2.8zM2.8 9h10.4v4H2.8zM5 5h.1M5 11h.1",
  person: "M8 2.4a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM2.8 13.6c.5-2.6 2.6-4 5.2-4s4.7 1.4 5.2 4",
  command: "M3 4.4h10M3 8h10M3 11.6h6",
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name, className }: { readonly name: IconName; readonly className?: string }) {
  return (
    <svg
      className={className === undefined ? "icon" : `icon ${className}`}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={drawings[name]} />
    </svg>
  );
}
