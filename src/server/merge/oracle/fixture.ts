/** Pairs kept on disk as JSON, the changesets as hex. A counter-example once found is compared ever after. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { encodeChangeset, parseChangeset } from "../../changeset";
import type { MergeChangeset } from "../transform";
import type { Pair } from "./pair";

const changesetSchema = z.object({
  version: z.int(),
  lastIntegratedRemoteVersion: z.int(),
  originTimestampMs: z.int(),
  originFileIdent: z.int(),
  hex: z.string().regex(/^([0-9a-f]{2})*$/),
});
const fixtureSchema = z.object({
  about: z.string(),
  ours: z.array(changesetSchema),
  theirs: z.array(changesetSchema),
});

export const fixtureFolder = join(import.meta.dirname, "fixtures");

export function writeFixture(name: string, about: string, pair: Pair): string {
  mkdirSync(fixtureFolder, { recursive: true });
  const file = join(fixtureFolder, `${name}.json`);
  const fixture = { about, ours: pair.ours.map(toJson), theirs: pair.theirs.map(toJson) };
  writeFileSync(file, `${JSON.stringify(fixture, null, 2)}\n`);
  return file;
}

export function readFixtures(): { readonly name: string; readonly about: string; readonly pair: Pair }[] {
  return readdirSync(fixtureFolder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => {
      const { about, ours, theirs } = fixtureSchema.parse(
        JSON.parse(readFileSync(join(fixtureFolder, name), "utf8")),
      );
      return { name, about, pair: { ours: ours.map(fromJson), theirs: theirs.map(fromJson) } };
    });
}

function toJson({ instructions, ...origin }: MergeChangeset): z.infer<typeof changesetSchema> {
  return { ...origin, hex: Buffer.from(encodeChangeset(instructions)).toString("hex") };
}

function fromJson({ hex, ...origin }: z.infer<typeof changesetSchema>): MergeChangeset {
  const parsed = parseChangeset(Buffer.from(hex, "hex"));
  if (parsed.kind === "malformed") throw new Error(`fixture holds a malformed changeset: ${parsed.message}`);
  return { ...origin, instructions: parsed.instructions };
}
