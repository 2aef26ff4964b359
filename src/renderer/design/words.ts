// Numbers, counts, times and sizes as words. Pure; every sentence of the window takes them from here.

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const grouped = new Intl.NumberFormat("en-GB");
const dayAndTime = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const dayOnly = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const timeOnly = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** `3204` as `3,204`. */
export function countWords(count: number): string {
  return grouped.format(count);
}

/** `1 change`, `3,204 changes`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countWords(count)} ${count === 1 ? one : many}`;
}

/** `21 Nov 2026, 10:44`, in this computer's time zone. */
export function dateAndTime(atMs: number): string {
  return dayAndTime.format(atMs);
}

/** The seconds of a minute, `07`. */
export function secondWords(atMs: number): string {
  return String(new Date(atMs).getSeconds()).padStart(2, "0");
}

/** `10:44`. */
export function clockTime(atMs: number): string {
  return timeOnly.format(atMs);
}

/** How long ago, for the status bar. A moment in the future (another device's clock) counts as now. */
export function relativeTime(atMs: number, nowMs: number): string {
  const agoMs = nowMs - atMs;
  if (agoMs < minuteMs) return "just now";
  if (agoMs < hourMs) return `${plural(Math.floor(agoMs / minuteMs), "minute")} ago`;
  if (agoMs < dayMs) return `${plural(Math.floor(agoMs / hourMs), "hour")} ago`;
  if (agoMs < 7 * dayMs) return `${plural(Math.floor(agoMs / dayMs), "day")} ago`;
  return `on ${dayOnly.format(atMs)}`;
}

/** Rounded up to what a person would free: `240 MB`, `1.5 GB`. */
export function sizeWords(sizeBytes: number): string {
  const megabytes = Math.max(1, Math.ceil(sizeBytes / 1_000_000));
  return megabytes < 1_000 ? `${megabytes} MB` : `${Math.ceil(megabytes / 100) / 10} GB`;
}

/** Words as a person counts them, in any script that puts spaces between them. */
export function countOfWords(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(/[\p{L}\p{N}]+(?:['’\-.,][\p{L}\p{N}]+)*/gu)) count++;
  return count;
}
