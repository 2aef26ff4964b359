// The renderer's entry: starts what lives as long as the window, then draws it.

import "./design/tokens.css";
import "./design/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { CrashBoundary } from "./CrashBoundary";
import { startWindow } from "./window-life";

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no place to draw in.");
startWindow();
createRoot(root).render(
  <StrictMode>
    <CrashBoundary>
      <App />
    </CrashBoundary>
  </StrictMode>,
);
