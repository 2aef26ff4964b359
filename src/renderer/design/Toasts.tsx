// The messages at the bottom of the window and the live regions that speak them.

import { useEffect, useState } from "react";
import type { Toast } from "../stores/toast-store";
import { hideToast, useToasts } from "../stores/toast-store";
import { Icon } from "./Icon";

const shownMs = 7_000;

export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  const announced = useToasts((state) => state.announced);
  return (
    <>
      <div className="toasts" role="status" aria-label="Messages">
        {toasts.map((toast) => (
          <ToastView key={toast.id} toast={toast} />
        ))}
      </div>
      <div className="visually-hidden" aria-live="polite">
        {/* A new element each time: two equal moves in a row are two announcements. */}
        <p key={announced.count}>{announced.text}</p>
      </div>
    </>
  );
}

function ToastView({ toast }: { readonly toast: Toast }) {
  // It stays while somebody is reading it or about to press its button.
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => hideToast(toast.id), shownMs);
    return () => clearTimeout(timer);
  }, [toast.id, held]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only waits while it is pointed at
    <div
      className="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <p>{toast.message}</p>
      {toast.action === null ? null : (
        <button
          type="button"
          className="toast-action"
          onClick={() => {
            hideToast(toast.id);
            toast.action?.run();
          }}
        >
          {toast.action.label}
        </button>
      )}
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => hideToast(toast.id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
