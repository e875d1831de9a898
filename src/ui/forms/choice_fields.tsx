/**
 * Fields of what can only be a few things: true or false, one of several values, a single one.
 *
 * @module
 */

import type { FieldOf } from "./fields.ts";
import { shortText } from "./fields.ts";
import { FieldFrame, type FieldProps } from "./frame.tsx";
import { same } from "./json.ts";

/** True or false; neither when it is left out. */
export const BooleanField = (props: FieldProps<FieldOf<"boolean">>) => (
  <FieldFrame of={props} group>
    {({ id, disabled }) => (
      <div class="form-radios">
        {[true, false].map((value) => (
          <label key={String(value)}>
            <input
              type="radio"
              name={id}
              checked={props.value === value}
              disabled={disabled}
              onChange={() => props.onChange(value)}
            />
            {String(value)}
          </label>
        ))}
        {props.value === undefined ? <span class="quiet">not set</span> : null}
      </div>
    )}
  </FieldFrame>
);

/** One of several values. A value that is none of them is shown all the same. */
export function ChoiceField(props: FieldProps<FieldOf<"choice">>) {
  const { field: { values, names }, value, required, must } = props;
  const at = values.findIndex((one) => same(one, value));
  const chosen = value === undefined ? "" : at < 0 ? "other" : String(at);
  return (
    <FieldFrame of={props}>
      {(ids) => (
        <select
          class="input form-short"
          {...ids}
          value={chosen}
          onChange={({ currentTarget: { value: next } }) => {
            if (next !== "other") props.onChange(next === "" ? undefined : values[Number(next)]);
          }}
        >
          {value === undefined || !(required || must) ? <option value="">not set</option> : null}
          {at < 0 && value !== undefined ? <option value="other">{shortText(value)} (not allowed)</option> : null}
          {names.map((name, i) => <option key={i} value={String(i)}>{name}</option>)}
        </select>
      )}
    </FieldFrame>
  );
}

/** What can be only one value: there or not. */
export const ConstantField = (props: FieldProps<FieldOf<"constant">>) => (
  <FieldFrame of={props}>
    {(ids) => (
      <span class="form-radios">
        <input
          type="checkbox"
          {...ids}
          disabled={ids.disabled || (props.must && props.value !== undefined)}
          checked={props.value !== undefined}
          onChange={(event) => props.onChange(event.currentTarget.checked ? props.field.value : undefined)}
        />
        <code>{shortText(props.field.value)}</code>
      </span>
    )}
  </FieldFrame>
);
