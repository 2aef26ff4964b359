// Makes one program of the real app and the simulated world: src/main as it is, but for the modules that touch
// Realm, files and chance, which are simulated. A mutation changes the source of one real module on the way in;
// that its place is not there any more is an error, not a mutation that does nothing.

import { resolve } from "node:path";
import { build, type Plugin } from "vite";
import type { Mutation } from "./mutations";

const root = resolve(import.meta.dirname, "../../..");
const fakes = resolve(import.meta.dirname, "fakes");
const realFolder = resolve(root, "src/main/realm");
const simulatedRealms = [
  "realm",
  "note-realm",
  "realm-app",
  "backup-realm",
  "stored-orders",
  "last-synced-realm",
  "open-files",
  "leftovers",
];
/** Modules of real Realm that come along and are not called in a run: exports of copies. */
const uncalled = ["raw-objects", "note-objects", "schema"];
const simulatedModules: Readonly<Record<string, string>> = {
  "node:fs": "fs.ts",
  "node:fs/promises": "fs-promises.ts",
  "node:crypto": "node-crypto.ts",
};

/** The text of the program: a module of its own. */
export async function bundleProgram(entry: string, mutation: Mutation | null): Promise<string> {
  const built = await build({
    configFile: false,
    root,
    logLevel: "error",
    plugins: [...(mutation === null ? [] : [mutate(mutation)]), simulate()],
    build: {
      target: "node20",
      ssr: true,
      write: false,
      minify: false,
      rollupOptions: {
        input: resolve(import.meta.dirname, entry),
        external: [/^node:/],
        // What a module asks of a file system and a run never uses need not be simulated.
        shimMissingExports: true,
        output: { format: "es", codeSplitting: false },
      },
    },
    ssr: { noExternal: true },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (output === undefined || !("output" in output)) throw new Error("nothing was built");
  return output.output[0].code;
}

function simulate(): Plugin {
  return {
    name: "simulate",
    enforce: "pre",
    resolveId(source, importer) {
      if (importer === undefined) return null;
      if (!source.startsWith(".")) return null;
      const path = resolve(importer, "..", source);
      const realm = simulatedRealms.find((name) => path === resolve(realFolder, name));
      if (realm === "realm") {
        const asking = uncalled.find((name) => importer === resolve(realFolder, `${name}.ts`));
        if (asking === undefined) throw new Error(`${importer} needs a stand-in in src/cli/proof/fakes`);
      }
      return realm === undefined ? null : resolve(fakes, `${realm}.ts`);
    },
    // Node's own modules are left out of a bundle before anybody is asked, so the text is changed.
    transform(code, id) {
      if (!id.startsWith(resolve(root, "src")) || id.startsWith(import.meta.dirname)) return null;
      let text = code;
      for (const [module, fake] of Object.entries(simulatedModules)) {
        text = text.replaceAll(`from "${module}"`, `from "${resolve(fakes, fake)}"`);
      }
      return text;
    },
  };
}

function mutate({ name, edits }: Mutation): Plugin {
  const waiting = new Set(edits);
  return {
    name: "mutate",
    enforce: "pre",
    transform(code, id) {
      let text = code;
      for (const edit of edits) {
        if (id !== resolve(root, edit.file)) continue;
        const parts = text.split(edit.find);
        if (parts.length !== 2)
          throw new Error(`${name}: ${parts.length - 1} places in ${edit.file} read: ${edit.find}`);
        text = parts.join(edit.replace);
        waiting.delete(edit);
      }
      return text;
    },
    buildEnd(error) {
      const [missed] = waiting;
      if (missed !== undefined && error === undefined)
        throw new Error(`${name}: ${missed.file} is not part of it`);
    },
  };
}
