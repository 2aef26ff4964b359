/** Operational transformation of concurrent changesets. */
export type { Conflict } from "./outcome";
export { type MergeChangeset, type TransformResult, transformChangesets } from "./transform";
