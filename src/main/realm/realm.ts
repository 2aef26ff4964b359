// Loads the Realm SDK. The only place that does, because of one trap: on plain Node, a package below realm asks
// for `electron`, whose loader then tries to download Electron's binary. With this variable set it does not.
// Types are Realm's own global declarations.

import { createRequire } from "node:module";

if (process.versions.electron === undefined) process.env.ELECTRON_OVERRIDE_DIST_PATH ??= "not-used";

export const Realm = createRequire(import.meta.url)("realm") as typeof import("realm");
