// What stands above the notes besides the reset flow: that a safety copy is being read, that the server has signed
// somebody out, that the notes belong to another server than was named, and the question about very many notes that vanished.

import type { AppState } from "../../shared/ipc-contract";
import { runCommand } from "../commands/registry";
import { Banner } from "../design/Banner";
import { dateAndTime, plural } from "../design/words";
import { request } from "../stores/bridge";
import { leaveCopy } from "../stores/navigation";

export function NoticeBanners({ app }: { readonly app: AppState }) {
  const { viewedCopy, audit, sync, otherServer } = app;
  const back = async () => {
    if ((await request("backups:close")).kind === "ok") leaveCopy();
  };
  return (
    <>
      {viewedCopy === null ? null : (
        <Banner
          title="Reading a safety copy"
          words={`You are reading the safety copy from ${dateAndTime(viewedCopy.createdAtMs)}. Nothing in it can be changed.`}
        >
          <button type="button" className="button small" onClick={() => void back()}>
            Back to your notes
          </button>
        </Banner>
      )}
      {otherServer === null ? null : <Banner title="Another server" words={otherServer} />}
      {sync.kind === "ended" ? (
        <Banner title="Signed out by the server" words={sync.message}>
          <button type="button" className="button small" onClick={() => runCommand("account.sign-in")}>
            Sign in…
          </button>
        </Banner>
      ) : null}
      {audit.asks === null ? null : (
        <Banner
          title="Notes have vanished"
          words={`${plural(audit.asks, "note has", "notes have")} vanished from the server although nobody deleted them. They are still on this computer.`}
        >
          <button
            type="button"
            className="button small"
            onClick={() => void request("audit:answer", { choice: "put-back" })}
          >
            Put them back
          </button>
          <button
            type="button"
            className="button small"
            onClick={() => void request("audit:answer", { choice: "leave" })}
          >
            Leave them away
          </button>
        </Banner>
      )}
    </>
  );
}
