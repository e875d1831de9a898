/**
 * The field of a value that may have several forms: a choice of the form, and that form's field.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { type Field, type FieldOf, shortText } from "./fields.ts";
import { FieldFrame, type FieldProps } from "./frame.tsx";
import { FieldView } from "./field_view.tsx";
import type { Json } from "./json.ts";
import { blank, formOf, holds, readNumber } from "./values.ts";

/** What a value becomes when another form is chosen: what it was if that can be, else what the form begins with. */
function turned(value: Json | undefined, to: Field): Json | undefined {
  if (to.kind === "text" && typeof value === "number") return String(value);
  if (to.kind === "number" && typeof value === "string") {
    return typeof readNumber(value) === "number" ? readNumber(value) : undefined;
  }
  if (value !== undefined && to.kind !== "json" && to.kind !== "choice" && holds(to, value)) return value;
  if (to.kind === "json") return value ?? null;
  // An empty number is none, and an empty moment neither.
  return to.kind === "number" || (to.kind === "text" && ["date-time", "date", "time"].includes(to.format))
    ? to.default
    : blank(to);
}

/** See the module's comment. */
export function UnionField(props: FieldProps<FieldOf<"union">>) {
  const { field, value, errors, required, must } = props;
  const [chosen, choose] = useState<number>();
  const at = formOf(field, value, chosen);
  const form = field.variants[at];
  const label = props.label ?? field.label;
  // Errors are those of the form's field, which has the same place; a form without a field of its own has none to show them.
  const inner = form !== undefined && !(form.kind === "constant");
  return (
    <FieldFrame of={{ ...props, errors: inner ? [] : errors }}>
      {(ids) => (
        <div
          class={inner && ["object", "list", "json"].includes(form.kind) ? "form-union" : "form-union form-union-row"}
        >
          <select
            class="input form-short"
            {...ids}
            value={at < 0 ? "" : String(at)}
            onChange={({ currentTarget: { value: next } }) => {
              if (next === "") {
                choose(undefined);
                return props.onChange(undefined);
              }
              choose(Number(next));
              const begun = turned(value, field.variants[Number(next)]);
              props.onChange(begun === undefined && must ? "" : begun);
            }}
          >
            {at < 0 || !(required || must) ? <option value="">not set</option> : null}
            {field.variants.map((variant, i) => (
              <option key={i} value={String(i)}>
                {variant.kind === "constant" ? shortText(variant.value) : variant.label}
              </option>
            ))}
          </select>
          {inner
            ? (
              <FieldView
                key={at}
                field={{ ...form, default: undefined, readOnly: field.readOnly, deprecated: false }}
                label={`${label}: ${form.label}`}
                path={props.path}
                value={value}
                errors={errors}
                onChange={(next) => {
                  choose(at);
                  props.onChange(next);
                }}
                bare
                required={required}
                must={must}
              />
            )
            : null}
        </div>
      )}
    </FieldFrame>
  );
}
