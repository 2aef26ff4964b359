import { randomBytes } from "node:crypto";

/** As the SDK expects ids: 24 hex digits. */
export function newId(): string {
  return randomBytes(12).toString("hex");
}
