/**
 * A button that opens something beside it: Escape, a press elsewhere, or going on with Tab closes it. In a narrow window it is at the
 * bottom.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

/** What can be focused inside. */
const FOCUSABLE = "input:not(:disabled), button:not(:disabled), select:not(:disabled), a[href]";

/** See the module's comment. @param children What it shows while it is open; is given how to close it. */
export function Popover({ label, button, look = "button button-plain", children }: {
  /** Its name, for the button and for what it opens. */
  label: string;
  /** What the button shows. */
  button: ComponentChildren;
  look?: string;
  children: (close: () => void) => ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const inside = useRef<HTMLDivElement>(null);

  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };

  useLayoutEffect(() => {
    if (!open) return;
    const panel = inside.current!;
    // What opens near the right edge stays in the window.
    const over = panel.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
    if (over > 0) panel.classList.add("popover-left");
    panel.querySelector<HTMLElement>(FOCUSABLE)?.focus();
    const pressed = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", pressed);
    return () => removeEventListener("pointerdown", pressed);
  }, [open]);

  const key = (event: KeyboardEvent) => {
    if (!open) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      return close();
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const target = event.target as HTMLInputElement;
    // Within radio buttons and dates the arrows have a meaning of their own.
    if (step === 0 || /^(radio|datetime-local)$/.test(target.type)) return;
    const all = [...inside.current!.querySelectorAll<HTMLElement>(FOCUSABLE)];
    const next = all[all.indexOf(target) + step];
    if (next !== undefined) {
      event.preventDefault();
      next.focus();
    }
  };

  return (
    <div
      class="popover-box"
      ref={box}
      onKeyDown={key}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget !== null && !box.current?.contains(relatedTarget as Node)) setOpen(false);
      }}
    >
      <button
        ref={opener}
        type="button"
        class={look}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => open ? close() : setOpen(true)}
      >
        {button}
      </button>
      {open ? <div class="popover" id={id} role="dialog" aria-label={label} ref={inside}>{children(close)}</div> : null}
    </div>
  );
}
