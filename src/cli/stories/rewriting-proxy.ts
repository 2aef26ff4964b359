// A stretch of wire between clients and the real server that puts other words into the server's mouth: what our
// server never says and others do. Words are replaced by words of the same length, so that no frame changes its size.

import type { AddressInfo } from "node:net";
import { connect as connectTo, createServer, type Socket } from "node:net";

export type RewritingProxy = {
  readonly url: string;
  /** Where the server listens. It names itself to a client by the address that the client has asked. */
  readonly forwardTo: (serverUrl: string) => void;
  /** From now on `word` arrives at the clients as `instead`. */
  readonly rewrite: (word: string, instead: string) => void;
  readonly stopRewriting: () => void;
  /** Nothing that clients say from now on arrives, though they stay connected, until they connect anew. */
  readonly swallow: () => void;
  /**
   * Of what the server says on connections made from now on, only the first words arrive, or those up to `word`, until
   * `release`.
   */
  readonly hold: (word?: string) => void;
  /** The server has said something that did not arrive. */
  readonly isHolding: () => boolean;
  readonly release: () => void;
  /** What was held back never arrives: every connection breaks. */
  readonly cut: () => void;
  readonly close: () => void;
};

export async function startRewritingProxy(): Promise<RewritingProxy> {
  const sockets = new Set<Socket>();
  const deaf = new WeakSet<Socket>();
  /** What was held back, by whom it is for; null: nothing is. */
  let held: Map<Socket, Buffer[]> | null = null;
  let heldAfter = "";
  let port = 0;
  let rules: { readonly word: string; readonly instead: string }[] = [];

  const proxy = createServer((client) => {
    const server = connectTo(port, "127.0.0.1");
    for (const socket of [client, server]) {
      sockets.add(socket);
      // Either end may break the connection at any time; then the other is broken too.
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (bytes: Buffer) => {
      if (!deaf.has(client)) server.write(bytes);
    });
    server.on("data", (bytes: Buffer) => {
      const waiting = held?.get(client);
      if (waiting !== undefined) {
        waiting.push(bytes);
        return;
      }
      client.write(rewritten(bytes));
      if (bytes.includes(heldAfter)) held?.set(client, []);
    });
  });

  function rewritten(bytes: Buffer): Buffer {
    const text = rules.reduce(
      (all, { word, instead }) => all.replaceAll(word, instead),
      bytes.toString("latin1"),
    );
    return Buffer.from(text, "latin1");
  }

  function cut(): void {
    held = null;
    for (const socket of sockets) socket.destroy();
  }

  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    forwardTo(serverUrl) {
      port = Number(new URL(serverUrl).port);
    },
    rewrite(word, instead) {
      if (word.length !== instead.length) throw new Error(`${word} and ${instead} differ in length`);
      rules = [...rules, { word, instead }];
    },
    stopRewriting() {
      rules = [];
    },
    swallow() {
      for (const socket of sockets) deaf.add(socket);
    },
    hold(word = "") {
      held = new Map();
      heldAfter = word;
    },
    isHolding: () => [...(held?.values() ?? [])].some((waiting) => waiting.length > 0),
    release() {
      const all = held ?? [];
      held = null;
      for (const [client, waiting] of all) client.write(rewritten(Buffer.concat(waiting)));
    },
    cut,
    close() {
      proxy.close();
      cut();
    },
  };
}
