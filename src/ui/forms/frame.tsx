/**
 * What is around every field: label, hint, what is wrong, and the way to leave it out.
 *
 * @module
 */

import { type ComponentChildren, createContext } from "preact";
import { useContext, useId } from "preact/hooks";
import type { ParameterError } from "../../domain/deployment_views.ts";
import { Button } from "../components/controls.tsx";
import { type Path, textOfErrors } from "./errors.ts";
import { type Field, shortText } from "./fields.ts";
import type { Json } from "./json.ts";

/** What every field is given. `F` is its kind. */
export interface FieldProps<F extends Field = Field> {
  field: F;
  /** Its place in the whole. */
  path: Path;
  /** Undefined: left out. */
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  /** What is wrong in it, seen from it. */
  errors: readonly ParameterError[];
  /** Instead of the field's own. */
  label?: string;
  /** Its label is for screen readers only. */
  bare?: boolean;
  required?: boolean;
  /** It can't be left out: it is in a list, or an entry. */
  must?: boolean;
  /** The value does not fit the schema, and is shown as JSON. */
  misfit?: boolean;
}

/** What fields tell the form that they are in. */
export const FormContext = createContext<{ setBroken: (path: Path, problem: string | undefined) => void }>({
  setBroken: () => {},
});

/** See {@link FormContext}. */
export const useForm = () => useContext(FormContext);

/** What a control is told by its frame. */
export interface ControlIds {
  id: string;
  disabled?: boolean;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
  "aria-required"?: boolean;
}

/**
 * See the module's comment.
 *
 * @param group It holds several controls: its label names the group.
 * @param note Said below the description.
 * @param error Said beside the errors.
 */
export function FieldFrame({ of, group = false, note, error, children }: {
  of: FieldProps;
  group?: boolean;
  note?: string;
  error?: string;
  children: (ids: ControlIds) => ComponentChildren;
}) {
  const id = useId();
  const { field, value, required = false, must = false, bare = false } = of;
  const label = of.label ?? field.label;
  const wrong = [error, textOfErrors(of.errors)].filter(Boolean).join(". ") || undefined;
  const hints = hintsOf(field, value, note, of.misfit);
  const described = [hints.length > 0 ? `${id}-hint` : "", wrong === undefined ? "" : `${id}-error`].filter(Boolean)
    .join(" ") || undefined;
  const head = (
    <div class="form-head">
      {group
        ? <span id={`${id}-label`} class={bare ? "only-read" : "form-label"}>{label}</span>
        : <label for={id} class={bare ? "only-read" : "form-label"}>{label}</label>}
      {required && !bare ? <span class="quiet form-small">required</span> : null}
      {field.deprecated ? <span class="chip">deprecated</span> : null}
      {field.readOnly ? <span class="chip">read only</span> : null}
      {required || must || bare || value === undefined || field.readOnly
        ? null
        : <Button kind="quiet" icon="cross" title={`Leave out ${label}`} onClick={() => of.onChange(undefined)} />}
    </div>
  );
  return (
    <div
      class={`form-field${wrong === undefined ? "" : group ? " form-wrong" : " field-wrong"}`}
      data-path={JSON.stringify(of.path)}
      {...group ? { role: "group", "aria-labelledby": `${id}-label`, "aria-describedby": described } : {}}
      {...group && wrong !== undefined ? { tabIndex: -1, "data-wrong": "" } : {}}
    >
      {head}
      {hints.length === 0 ? null : <p class="hint" id={`${id}-hint`}>{hints.join(" ")}</p>}
      {children({
        id,
        ...field.readOnly ? { disabled: true } : {},
        ...described === undefined || group ? {} : { "aria-describedby": described },
        ...wrong === undefined || group ? {} : { "aria-invalid": true },
        ...required && !group ? { "aria-required": true } : {},
      })}
      {wrong === undefined ? null : <p class="error" id={`${id}-error`}>{wrong}</p>}
    </div>
  );
}

function hintsOf(
  field: Field,
  value: Json | undefined,
  note: string | undefined,
  misfit: boolean | undefined,
): string[] {
  const hints: string[] = [];
  const add = (text: string | undefined) => {
    if (text !== undefined && text !== "") hints.push(/[.!?…]$/.test(text) ? text : `${text}.`);
  };
  add(field.description);
  if (value === undefined && field.default !== undefined) add(`Left out; the default is ${shortText(field.default)}`);
  if (field.examples.length > 0) add(`For example ${field.examples.slice(0, 3).map(shortText).join(", ")}`);
  if (misfit) add("This value is none that the field knows, and is shown as JSON");
  add(note);
  return hints;
}
