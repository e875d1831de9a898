/**
 * Choices beyond the plain controls: boxes to tick, one of a few side by side, a menu, and more of a list.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { count, plural } from "../format.ts";
import { Button } from "./controls.tsx";
import { toast } from "./overlays.tsx";
import { Icon } from "./text.tsx";

/** A box to tick. @param some Ticked in part: of the things that it stands for some are, some are not. */
export const Checkbox = ({ label, on, some, onChange, disabled, hideLabel }: {
  label: string;
  on: boolean;
  some?: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
  hideLabel?: boolean;
}) => (
  <label class="checkbox">
    <input
      type="checkbox"
      checked={on}
      disabled={disabled}
      indeterminate={some && !on}
      onChange={() => onChange(!on)}
    />
    <span class={hideLabel ? "only-read" : undefined}>{label}</span>
  </label>
);

/** One of two to five, all in sight. */
export function Segmented<T extends string>({ label, value, options, onChange }: {
  /** What is chosen, for screen readers. */
  label: string;
  value: T;
  options: readonly { value: T; label: string; icon?: string; hideLabel?: boolean }[];
  onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset class="segmented">
      <legend class="only-read">{label}</legend>
      {options.map((option) => (
        <label key={option.value} title={option.hideLabel ? option.label : undefined}>
          <input
            class="only-read"
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.icon === undefined ? null : <Icon name={option.icon} />}
          <span class={option.hideLabel ? "only-read" : undefined}>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** One line of a {@link Menu}: it does something, or leads somewhere. */
export interface MenuItem {
  label: string;
  icon?: string;
  href?: string;
  /** What it throws is shown as a toast. */
  onClick?: () => void | Promise<unknown>;
  danger?: boolean;
  disabled?: boolean;
}

/** A button that opens a few actions. Arrows move, Escape closes. */
export function Menu({ label, icon, items, align = "right", up, quiet, hideLabel }: {
  label: string;
  icon?: string;
  items: readonly MenuItem[];
  align?: "left" | "right";
  /** Opens above the button. */
  up?: boolean;
  quiet?: boolean;
  hideLabel?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const lines = () => [...box.current!.querySelectorAll<HTMLElement>("[role=menuitem]:not(:disabled)")];
  const opener = () => box.current!.querySelector<HTMLElement>("[aria-haspopup]")!;
  useEffect(() => {
    if (!open) return;
    lines()[0]?.focus();
    const outside = (event: Event) => box.current!.contains(event.target as Node) || setOpen(false);
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);
  const close = () => {
    setOpen(false);
    opener().focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const all = lines();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) all.at(to % all.length)?.focus();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const choose = async ({ onClick }: MenuItem) => {
    close();
    try {
      await onClick?.();
    } catch (error) {
      toast((error as Error).message, "error");
    }
  };
  return (
    <div class={`menu menu-${align}${up ? " menu-up" : ""}`} ref={box} onKeyDown={onKeyDown}>
      <button
        type="button"
        class={`button button-${quiet ? "quiet" : "plain"}${hideLabel ? " button-icon" : ""}`}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={hideLabel ? label : undefined}
        title={hideLabel ? label : undefined}
        onClick={() => setOpen(!open)}
      >
        {icon === undefined ? null : <Icon name={icon} />}
        {hideLabel ? null : (
          <>
            {label} <Icon name="down" size={12} />
          </>
        )}
      </button>
      {open
        ? (
          <div class="menu-list" role="menu" aria-label={label}>
            {items.map((item) => {
              const look = `menu-item${item.danger ? " menu-item-danger" : ""}`;
              const inside: ComponentChildren = (
                <>{item.icon === undefined ? null : <Icon name={item.icon} />}{item.label}</>
              );
              return item.href === undefined
                ? (
                  <button
                    key={item.label}
                    type="button"
                    role="menuitem"
                    tabIndex={-1}
                    class={look}
                    disabled={item.disabled}
                    onClick={() => void choose(item)}
                  >
                    {inside}
                  </button>
                )
                : (
                  <a
                    key={item.label}
                    role="menuitem"
                    tabIndex={-1}
                    class={look}
                    href={item.href}
                    onClick={() => setOpen(false)}
                  >
                    {inside}
                  </a>
                );
            })}
          </div>
        )
        : null}
    </div>
  );
}

/** Below a list: how many are shown, and a button for more. @param onMore Undefined when there are no more. */
export const Pager = ({ shown, of, noun, onMore }: {
  shown: number;
  /** How many there are in all, when that is known. */
  of?: number;
  /** In the singular, e.g. `run`. */
  noun: string;
  onMore?: () => void | Promise<unknown>;
}) => (
  <div class="pager">
    <span role="status">
      {of === undefined || of === shown ? plural(shown, noun) : `${count(shown)} of ${plural(of, noun)}`}
    </span>
    {onMore === undefined ? null : <Button onClick={onMore}>Load more</Button>}
  </div>
);
