/** The changeset format: instruction types, bytes to instructions, instructions to bytes, and value identity. */
export { encodeChangeset, encodeChangesetInSlices } from "./encode";
export { objectKey, primaryKeyText, samePayload, samePrimaryKey } from "./identity";
export type * from "./instruction";
export { type ParsedChangeset, parseChangeset, parseChangesetInSlices } from "./parse";
