// A page that stands in for the whole window: one heading, which takes the focus, and what belongs to it.

import { type ReactNode, useEffect, useRef } from "react";

type PageCardProps = {
  readonly title: string;
  /** Leave the focus to a field of the page. */
  readonly focusElsewhere?: boolean;
  readonly children: ReactNode;
};

export function PageCard({ title, focusElsewhere = false, children }: PageCardProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!focusElsewhere) heading.current?.focus();
  }, [focusElsewhere]);
  return (
    <main className="page">
      <div className="page-card">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </div>
    </main>
  );
}
