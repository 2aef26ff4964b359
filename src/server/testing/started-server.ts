/** A server in the very process of a test, on any free port. */
import { createLog, type Log } from "../log";
import { type RunningServer, type ServerOptions, startServer } from "../server";

type Given = Pick<ServerOptions, "dataDir"> & Partial<ServerOptions>;

/** Throws where it does not start. */
export async function startedServer(
  given: Given,
  log: Log = createLog(() => {}, "error"),
): Promise<RunningServer> {
  const started = await startServer({ host: "127.0.0.1", port: 0, appId: "perennial", ...given }, log);
  if (started.kind === "failed") throw new Error(started.message);
  return started.server;
}
