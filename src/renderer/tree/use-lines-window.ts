// Which lines of a long list are within sight, so that only those are in the page.

import { type RefObject, useCallback, useLayoutEffect, useState } from "react";

/** As `--row-height` in the design's tokens. */
export const lineHeightPx = 30;
const overscan = 8;

type Sight = { readonly first: number; readonly count: number };

export function useLinesWindow(scroller: RefObject<HTMLElement | null>, total: number) {
  const [sight, setSight] = useState<Sight>({ first: 0, count: 40 });

  const look = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const first = Math.floor(element.scrollTop / lineHeightPx);
    const count = Math.ceil(element.clientHeight / lineHeightPx) + 1;
    setSight((before) => (before.first === first && before.count === count ? before : { first, count }));
  }, [scroller]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    look();
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, look]);

  const scrollTo = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (element === null) return;
      const top = index * lineHeightPx;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + lineHeightPx > element.scrollTop + element.clientHeight) {
        element.scrollTop = top + lineHeightPx - element.clientHeight;
      }
    },
    [scroller],
  );

  return {
    from: Math.max(0, Math.min(sight.first - overscan, total)),
    to: Math.min(total, sight.first + sight.count + overscan),
    linesPerPage: Math.max(1, sight.count - 2),
    scrollTo,
  };
}
