/** Which instructions are about certain objects. */
import { type Instruction, objectKey } from "../changeset";
import { isSchemaInstruction } from "../schema/schema";

/** @param objectKeys as `objectKey` makes them; instructions on the schema concern no object */
export function concerns(objectKeys: { has(key: string): boolean }): (instruction: Instruction) => boolean {
  return (instruction) =>
    !isSchemaInstruction(instruction) && objectKeys.has(objectKey(instruction.table, instruction.pk));
}
