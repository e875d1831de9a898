/**
 * Fields of numbers. What is typed and is no number is kept and sent, and the server says so.
 *
 * @module
 */

import { useDraft } from "./draft.ts";
import type { FieldOf } from "./fields.ts";
import { FieldFrame, type FieldProps } from "./frame.tsx";
import { numberText, readNumber } from "./values.ts";

function rangeOf({ min, max, step, whole }: FieldOf<"number">): string | undefined {
  const range = min !== undefined && max !== undefined
    ? `${min} to ${max}`
    : min !== undefined
    ? `From ${min}`
    : max !== undefined
    ? `Up to ${max}`
    : undefined;
  const steps = step === undefined || (whole && step === 1) ? undefined : `in steps of ${step}`;
  return [range, steps].filter(Boolean).join(", ").replace(/^./, (first) => first.toUpperCase()) || undefined;
}

/** See the module's comment. */
export function NumberField(props: FieldProps<FieldOf<"number">>) {
  const { field, value, must } = props;
  const read = (text: string) => readNumber(text) ?? (must ? "" : undefined);
  const [text, type] = useDraft(value, numberText, read);
  const turn = (event: KeyboardEvent) => {
    const way = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (way === 0 || field.readOnly) return;
    event.preventDefault();
    const step = field.step ?? 1;
    const from = typeof value === "number" ? value + way * step : field.min ?? (way > 0 ? step : -step);
    const next = Math.min(field.max ?? Infinity, Math.max(field.min ?? -Infinity, from));
    // 0.1 + 0.2 is not what anybody wants to see.
    props.onChange(Number(next.toPrecision(15)));
  };
  return (
    <FieldFrame of={props} note={rangeOf(field)}>
      {(ids) => (
        <input
          class="input form-short number"
          type="text"
          inputMode={field.whole && (field.min ?? -1) >= 0 ? "numeric" : "decimal"}
          autocomplete="off"
          placeholder={value === undefined ? "not set" : undefined}
          {...ids}
          value={text}
          onInput={(event) => {
            type(event.currentTarget.value);
            props.onChange(read(event.currentTarget.value));
          }}
          onKeyDown={turn}
        />
      )}
    </FieldFrame>
  );
}
