import { closeSync, mkdtempSync, openSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isProvedClosed } from "./open-files";
import { Realm } from "./realm";
import { noteSchema } from "./schema";

const isLinux = process.platform === "linux";

describe("a file that is proved closed", () => {
  it("is none while anything of this process holds it, and one again afterwards", async () => {
    const folder = mkdtempSync(join(tmpdir(), "perennial-open-"));
    const path = join(folder, "notes.realm");
    const realm = new Realm({ path, schema: [noteSchema] });
    expect(await isProvedClosed(path, 100)).toBe(false);
    realm.close();
    expect(await isProvedClosed(path)).toBe(isLinux);
    const plain = join(folder, "plain");
    writeFileSync(plain, "");
    const handle = openSync(plain, "r");
    expect(await isProvedClosed(plain, 100)).toBe(false);
    closeSync(handle);
    expect(await isProvedClosed(plain)).toBe(isLinux);
  });
});
