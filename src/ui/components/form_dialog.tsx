/**
 * A dialog that asks for a few texts and does something with them: what lists of nouns create and edit with.
 *
 * @module
 */

import { useRef, useState } from "preact/hooks";
import { Button, Field, Select, TextArea, TextInput } from "./controls.tsx";
import { Failure } from "./layout.tsx";
import { Dialog } from "./overlays.tsx";

/** One thing that is asked for. */
export interface FormField {
  name: string;
  label: string;
  hint?: string;
  required?: boolean;
  /** How it is asked for; default: a line of text. */
  kind?: "text" | "long" | "password" | "datetime-local";
  /** One of these instead. */
  options?: readonly (readonly [value: string, label: string])[];
  /** What is in it at first. */
  value?: string;
  placeholder?: string;
}

/**
 * See the module's comment. It stays open, and says why, when `submit` fails.
 *
 * @param action The word on its button.
 * @param submit Gets the texts by their names; empty ones are empty texts.
 *
 * @example
 * ```tsx ignore
 * <FormDialog
 *   title="New project"
 *   action="Create"
 *   fields={[{ name: "name", label: "Name", required: true }]}
 *   submit={({ name }) => api.projects.create({ name })}
 *   onClose={close}
 * />
 * ```
 */
export function FormDialog<N extends string>({ title, action, fields, submit, onClose }: {
  title: string;
  action: string;
  fields: readonly (FormField & { name: N })[];
  submit: (values: Record<N, string>) => Promise<unknown>;
  onClose: () => void;
}) {
  const first = () => Object.fromEntries(fields.map(({ name, value }) => [name, value ?? ""])) as Record<N, string>;
  const [values, setValues] = useState(first);
  const [missing, setMissing] = useState<readonly string[]>([]);
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  async function send(event: Event) {
    event.preventDefault();
    const empty = fields.filter(({ name, required }) => required && values[name].trim() === "").map(({ name }) => name);
    setMissing(empty);
    if (empty.length > 0) {
      form.current!.querySelector<HTMLElement>(`[data-field="${empty[0]}"] .input`)?.focus();
      return;
    }
    setBusy(true);
    try {
      await submit(values);
      onClose();
    } catch (failure) {
      setError(failure as Error);
      setBusy(false);
    }
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form ref={form} noValidate onSubmit={(event) => void send(event)}>
        {fields.map((field, i) => (
          <div key={field.name} data-field={field.name}>
            <Field
              label={field.label}
              hint={field.hint}
              required={field.required}
              error={missing.includes(field.name) ? `${field.label} is missing` : undefined}
            >
              {(ids) => {
                const { kind = "text", options, placeholder } = field;
                const value = values[field.name];
                const change = (text: string) => setValues((now) => ({ ...now, [field.name]: text }));
                if (options !== undefined) return <Select {...ids} value={value} options={options} onChange={change} />;
                if (kind === "long") return <TextArea {...ids} value={value} rows={4} onInput={change} />;
                return (
                  <TextInput
                    {...ids}
                    type={kind}
                    value={value}
                    placeholder={placeholder}
                    autoFocus={i === 0}
                    onInput={change}
                  />
                );
              }}
            </Field>
          </div>
        ))}
        {error === undefined ? null : <Failure error={error} />}
        <div class="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy}>{action}</Button>
        </div>
      </form>
    </Dialog>
  );
}
