/**
 * A red icon that says on hover and focus what is wrong.
 *
 * What it says lies above everything (`popover`), so that no table cuts it off. It can be pointed at, Escape takes it away, and a tap
 * shows it.
 *
 * @module
 */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "./text.tsx";

/** How far from the edges of the window, in pixels. */
const MARGIN = 8;

/** See the module's comment. */
export function Warning({ text }: { text: string }) {
  const [shown, setShown] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const id = useId();
  useEffect(() => {
    if (!shown) return;
    const box = tip.current!;
    box.showPopover();
    const place = () => {
      const at = button.current!.getBoundingClientRect();
      const { width, height } = box.getBoundingClientRect();
      const left = Math.max(MARGIN, Math.min(at.left, document.documentElement.clientWidth - width - MARGIN));
      const below = at.bottom + height + MARGIN <= innerHeight;
      box.style.left = `${left}px`;
      box.style.top = `${below ? at.bottom : at.top - height}px`;
    };
    place();
    const key = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      setShown(false);
    };
    addEventListener("keydown", key, true);
    addEventListener("scroll", place, true);
    return () => {
      removeEventListener("keydown", key, true);
      removeEventListener("scroll", place, true);
      box.hidePopover();
    };
  }, [shown]);
  return (
    <span
      class="warn"
      onMouseEnter={() => setShown(true)}
      onMouseLeave={() => setShown(document.activeElement === button.current)}
    >
      <button
        ref={button}
        type="button"
        class="warn-icon"
        aria-label={text}
        aria-describedby={shown ? id : undefined}
        onFocus={() => setShown(true)}
        onBlur={() => setShown(false)}
        onClick={() => setShown(true)}
      >
        <Icon name="warning" />
      </button>
      <span ref={tip} id={id} class="warn-text" role="tooltip" popover="manual">{text}</span>
    </span>
  );
}
