/** What a merge rule answers. Plain values; transform.ts puts them into effect. */
import type { EraseColumn, Instruction } from "../changeset";

export type Conflict = {
  readonly kind: "conflict";
  /** `schema`: the two sides disagree on a class or property. `inconsistent`: they cannot share one base. */
  readonly cause: "schema" | "inconsistent";
  readonly message: string;
};

/** Both instructions afterwards; null where one has lost all effect. */
export type Merged<L extends Instruction | null, R extends Instruction | null> = {
  readonly kind: "merged";
  readonly left: L;
  readonly right: R;
  /** To be carried out just before the right instruction. */
  readonly beforeRight?: EraseColumn;
};

export type Outcome<L extends Instruction, R extends Instruction> = Merged<L | null, R | null> | Conflict;

export function merged<L extends Instruction | null, R extends Instruction | null>(
  left: L,
  right: R,
): Merged<L, R> {
  return { kind: "merged", left, right };
}

export function schemaConflict(message: string): Conflict {
  return { kind: "conflict", cause: "schema", message };
}

export function inconsistent(message: string): Conflict {
  return { kind: "conflict", cause: "inconsistent", message };
}
