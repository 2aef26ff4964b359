// A promise that was broken: which oracle says so, and what it found.

export type Violation = { readonly oracle: string; readonly what: string };
