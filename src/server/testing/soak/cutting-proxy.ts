/**
 * A TCP connection that can fail: stands between one client and the server, passes every byte on, and breaks when told
 * to. Knows nothing of what is said.
 */

import type { AddressInfo } from "node:net";
import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";

export class CuttingProxy {
  readonly #server: Server;
  readonly #target: () => number;
  readonly #sockets = new Set<Socket>();
  #isDown = false;
  /** How many more bytes may pass, in either direction together, before everything breaks. */
  #budgetBytes: number | undefined;
  cuts = 0;

  private constructor(target: () => number) {
    this.#target = target;
    this.#server = createServer((client) => this.#serve(client));
  }

  /** @param target the server's port at the moment of a connection */
  static async start(target: () => number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks what is open, at once or after so many bytes more. */
  cut(afterBytes = 0): void {
    if (afterBytes > 0) {
      this.#budgetBytes = afterBytes;
      return;
    }
    this.#budgetBytes = undefined;
    if (this.#sockets.size > 0) this.cuts += 1;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** While down, connections are refused. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown;
    if (isDown) this.cut();
    else this.#budgetBytes = undefined;
  }

  async close(): Promise<void> {
    this.setDown(true);
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(client: Socket): void {
    if (this.#isDown) {
      client.destroy();
      return;
    }
    const server = connectTcp(this.#target(), "127.0.0.1");
    this.#pass(client, server);
    this.#pass(server, client);
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on("error", () => {});
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on("data", (bytes: Buffer) => {
      const budget = this.#budgetBytes;
      if (budget === undefined || bytes.length <= budget) {
        if (budget !== undefined) this.#budgetBytes = budget - bytes.length;
        to.write(bytes);
        return;
      }
      // A part of it still arrives: half a frame is the interesting case.
      to.write(bytes.subarray(0, budget), () => this.cut());
    });
  }
}
