/**
 * The little that has to be changed in the page's own world: `window.open`, which would otherwise make a window
 * before the app's handler was asked. Turned into source text and run inside the page: self-contained.
 */
import type { BridgeHalf } from "./bridge";

export function installMainWorld(bridge: BridgeHalf): void {
  const openInPlace = window.open.bind(window);
  window.open = (url = "", target = "_blank", features = ""): Window | null => {
    const name = String(target);
    if (["_self", "_parent", "_top"].includes(name.toLowerCase())) return openInPlace(url, name, features);
    bridge.notify("window-open", {
      url: url === "" ? "about:blank" : new URL(String(url), document.baseURI).href,
      frameName: name === "_blank" ? "" : name,
      features: String(features),
      disposition: features ? "new-window" : "foreground-tab",
    });
    return null;
  };
}
