// A page that stands in for the whole window: one heading, which takes the focus, and what belongs to it.

import { type ReactNode, useEffect, useRef } from "react";
import { Icon, type IconName } from "./Icon";

type PageCardProps = {
  readonly title: string;
  readonly icon?: IconName;
  /** Leave the focus to a field of the page. */
  readonly focusElsewhere?: boolean;
  readonly children: ReactNode;
};

export function PageCard({ title, icon, focusElsewhere = false, children }: PageCardProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!focusElsewhere) heading.current?.focus();
  }, [focusElsewhere]);
  return (
    <main className="page">
      <div className="page-card">
        {icon === undefined ? null : <Icon name={icon} className="page-icon" />}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </div>
    </main>
  );
}
