import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = import.meta.dirname;
const files = ["wire.ts", ...readdirSync(join(folder, "in-page")).map((name) => join("in-page", name))];

// Their functions run inside the page as source text, where an outer name would be missing only when it is needed.
test.each(files)("%s has one function and no other value at its top level", (file) => {
  const lines = readFileSync(join(folder, file), "utf8").split("\n");
  const values = lines.filter((line) =>
    /^(export )?(default )?(async )?(const|let|var|class|function|enum)\b|^import (?!type\b)/.test(line),
  );
  expect(values).toHaveLength(1);
  expect(values[0]).toMatch(/^export function \w+\(/);
});
