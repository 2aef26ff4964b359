// The page sees what the preload exposes and nothing else of it.
window.seenAtStart = {
  bridge: typeof window.bridge,
  preloadSecret: typeof window.preloadSecret,
  preloadOnWindow: typeof window.preloadOnWindow,
  require: typeof window.require,
  process: typeof window.process,
};
document.getElementById("seen").textContent = "scripts run";
document.getElementById("vetoed").addEventListener("click", (event) => event.preventDefault());
console.log("the page has started", 7);
