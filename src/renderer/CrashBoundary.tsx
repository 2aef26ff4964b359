// Where a bug in the window ends: says that nothing is lost, and opens the window anew.

import { Component, type ErrorInfo, type ReactNode } from "react";
import { PageCard } from "./design/PageCard";

type CrashBoundaryProps = { readonly children: ReactNode };
type CrashBoundaryState = { readonly crash: string | null };

export class CrashBoundary extends Component<CrashBoundaryProps, CrashBoundaryState> {
  override state: CrashBoundaryState = { crash: null };

  static getDerivedStateFromError(error: unknown): CrashBoundaryState {
    return { crash: error instanceof Error ? error.message : String(error) };
  }

  override componentDidMount(): void {
    // Errors outside of drawing, which React does not see.
    window.addEventListener("error", this.onError);
    window.addEventListener("unhandledrejection", this.onRejection);
  }

  override componentWillUnmount(): void {
    window.removeEventListener("error", this.onError);
    window.removeEventListener("unhandledrejection", this.onRejection);
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error("The window stopped", error, info.componentStack);
  }

  private readonly onError = (event: ErrorEvent): void => {
    // The browser reports a resize loop as an error; it only means 'one frame later'.
    if (event.message.startsWith("ResizeObserver loop")) return;
    this.setState(CrashBoundary.getDerivedStateFromError(event.error ?? event.message));
  };

  private readonly onRejection = (event: PromiseRejectionEvent): void => {
    this.setState(CrashBoundary.getDerivedStateFromError(event.reason));
  };

  override render(): ReactNode {
    if (this.state.crash === null) return this.props.children;
    return (
      <PageCard title="This window stopped working">
        <p>Nothing is lost: your notes are saved on this computer. Open the window again to go on.</p>
        <div className="page-buttons">
          <button type="button" className="button primary" onClick={() => location.reload()}>
            Reload window
          </button>
        </div>
        <p className="page-footnote selectable">{this.state.crash}</p>
      </PageCard>
    );
  }
}
