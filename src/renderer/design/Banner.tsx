// A line above the notes that stays while something holds, with the way out of it. It cannot be dismissed.

import { type ReactNode, useId } from "react";
import { Icon } from "./Icon";
import "../reset/reset.css";

type BannerProps = { readonly title: string; readonly words: string; readonly children?: ReactNode };

export function Banner({ title, words, children }: BannerProps) {
  const titleId = useId();
  return (
    <section className="banner" aria-labelledby={titleId}>
      <Icon name="shield" />
      <h2 id={titleId} className="visually-hidden">
        {title}
      </h2>
      <p role="status">{words}</p>
      {children}
    </section>
  );
}
