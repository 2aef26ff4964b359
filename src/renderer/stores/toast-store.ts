// Short messages at the bottom of the window, and the words that only a screen reader hears.

import { create } from "zustand";

export type Toast = {
  readonly id: number;
  readonly message: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
};

type ToastState = {
  readonly toasts: readonly Toast[];
  /** The text of the live region. The count tells two equal announcements apart. */
  readonly announced: { readonly text: string; readonly count: number };
};

const shownMost = 3;

export const useToasts = create<ToastState>(() => ({ toasts: [], announced: { text: "", count: 0 } }));

let lastId = 0;

/** A message that is already shown is not shown twice. */
export function showToast({ message, action = null }: { message: string; action?: Toast["action"] }): void {
  lastId++;
  const toast: Toast = { id: lastId, message, action };
  useToasts.setState(({ toasts }) => ({
    toasts: [...toasts.filter((other) => other.message !== message), toast].slice(-shownMost),
  }));
}

export function hideToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}

/** What they told of is over. */
export function hideToasts(): void {
  useToasts.setState({ toasts: [] });
}

export function announce(text: string): void {
  useToasts.setState(({ announced }) => ({ announced: { text, count: announced.count + 1 } }));
}
