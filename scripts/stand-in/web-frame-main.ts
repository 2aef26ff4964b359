/** A window's main frame as messages and events name it: one object for the life of the window. */
import { refuseUnknown } from "./not-implemented";
import type { WebContents } from "./web-contents";

export function makeMainFrame(contents: WebContents): object {
  const url = (): string => (contents.isDestroyed() ? "" : contents.getURL());
  const frame: object = refuseUnknown("WebFrameMain", {
    name: "",
    parent: null,
    processId: 1,
    routingId: 1,
    frameTreeNodeId: contents.id,
    detached: false,
    get top(): object {
      return frame;
    },
    get url(): string {
      return url();
    },
    get origin(): string {
      const { protocol, origin } = new URL(url() || "about:blank");
      return protocol === "file:" ? "file://" : origin;
    },
    isDestroyed: () => contents.isDestroyed(),
    executeJavaScript: (code: string, userGesture?: boolean) => contents.executeJavaScript(code, userGesture),
    send: (channel: string, ...args: unknown[]) => contents.send(channel, ...args),
  });
  return frame;
}
