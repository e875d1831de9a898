/**
 * What is pressed, typed into or chosen from.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { toast } from "./overlays.tsx";
import { Icon } from "./text.tsx";

/** A button, or with `href` a link that looks like one. While what it does is under way it can't be pressed again. */
export function Button(
  { kind = "plain", icon, onClick, href, disabled, title, type = "button", small, pressed, children }: {
    kind?: "plain" | "primary" | "danger" | "quiet";
    icon?: string;
    /** What it throws is shown as a toast. */
    onClick?: () => void | Promise<unknown>;
    href?: string;
    disabled?: boolean;
    /** Its name when it shows only an icon. */
    title?: string;
    type?: "button" | "submit";
    /** For rows and heads of cards. */
    small?: boolean;
    /** Whether what it switches is on. */
    pressed?: boolean;
    children?: ComponentChildren;
  },
) {
  const [busy, setBusy] = useState(false);
  const press = async () => {
    setBusy(true);
    try {
      await onClick?.();
    } catch (error) {
      toast(`${(error as Error).message}`, "error");
    } finally {
      setBusy(false);
    }
  };
  const look = `button button-${kind}${small ? " button-small" : ""}${children === undefined ? " button-icon" : ""}`;
  const inside = <>{icon === undefined ? null : <Icon name={icon} />}{children}</>;
  if (href !== undefined) return <a class={look} href={href} title={title} aria-label={title}>{inside}</a>;
  return (
    <button
      type={type}
      class={look}
      title={title}
      aria-label={title}
      aria-busy={busy}
      aria-pressed={pressed}
      disabled={disabled || busy}
      onClick={onClick === undefined ? undefined : () => void press()}
    >
      {inside}
    </button>
  );
}

/** A text with a button that copies it. */
export const Copy = ({ text, label }: { text: string; label?: string }) => (
  <span class="copy">
    <code>{label ?? text}</code>
    <Button
      kind="quiet"
      icon="copy"
      title={`Copy ${text}`}
      onClick={async () => {
        await navigator.clipboard.writeText(text);
        toast("Copied");
      }}
    />
  </span>
);

/** A labelled control: the label above, what is wrong below. @param children Gets the ids to put on the control. */
export function Field({ label, hint, error, required, children }: {
  label: string;
  hint?: string;
  error?: string;
  required?: boolean;
  children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ComponentChildren;
}) {
  const id = useId();
  const described = [hint === undefined ? "" : `${id}-hint`, error === undefined ? "" : `${id}-error`].filter(Boolean);
  return (
    <div class={`field${error === undefined ? "" : " field-wrong"}`}>
      <label for={id}>{label} {required ? <span class="quiet">required</span> : null}</label>
      {hint === undefined ? null : <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {children({
        id,
        ...described.length === 0 ? {} : { "aria-describedby": described.join(" ") },
        ...error === undefined ? {} : { "aria-invalid": true },
      })}
      {error === undefined ? null : <p class="error" id={`${id}-error`} role="alert">{error}</p>}
    </div>
  );
}

/** What a control of a {@link Field} may be told beside its value. */
export interface ControlProps {
  id?: string;
  placeholder?: string;
  disabled?: boolean;
  autoFocus?: boolean;
  onKeyDown?: (event: KeyboardEvent) => void;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
}

/** A line of text. */
export const TextInput = ({ value, onInput, type = "text", list, ...rest }: ControlProps & {
  value: string;
  onInput: (value: string) => void;
  type?: "text" | "search" | "password" | "datetime-local" | "date" | "time" | "email" | "url";
  /** The id of a list of suggestions. */
  list?: string;
}) => (
  <input
    class="input"
    type={type as "text"}
    list={list}
    autocomplete="off"
    spellcheck={false}
    {...rest}
    value={value}
    onInput={(event) => onInput(event.currentTarget.value)}
  />
);

/** Several lines of text. */
export const TextArea = ({ value, onInput, rows = 8, ...rest }: ControlProps & {
  value: string;
  onInput: (value: string) => void;
  rows?: number;
}) => (
  <textarea
    class="input"
    rows={rows}
    spellcheck={false}
    {...rest}
    value={value}
    onInput={(event) => onInput(event.currentTarget.value)}
  />
);

/** One of a few. */
export const Select = ({ value, options, onChange, ...rest }: Omit<ControlProps, "placeholder"> & {
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  onChange: (value: string) => void;
}) => (
  <select class="input" {...rest} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
    {options.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
  </select>
);

/** On or off, at once. */
export const Switch = ({ label, on, onChange, disabled, hideLabel }: {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
  hideLabel?: boolean;
}) => (
  <label class="switch">
    <input type="checkbox" role="switch" checked={on} disabled={disabled} onChange={() => onChange(!on)} />
    <span class="switch-track" aria-hidden="true" />
    <span class={hideLabel ? "only-read" : undefined}>{label}</span>
  </label>
);
