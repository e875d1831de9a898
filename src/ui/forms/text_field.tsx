/**
 * Fields of texts: one line, several, secrets, addresses.
 *
 * @module
 */

import { useId } from "preact/hooks";
import { DateField, isShownAsDate } from "./date_field.tsx";
import type { FieldOf } from "./fields.ts";
import { FieldFrame, type FieldProps } from "./frame.tsx";

const NOTES: Partial<Record<FieldOf<"text">["format"], string>> = {
  duration: "A length of time such as PT1H30M",
};
const MODES: Partial<Record<FieldOf<"text">["format"], "email" | "url">> = { email: "email", uri: "url" };
const PLACEHOLDERS: Partial<Record<FieldOf<"text">["format"], string>> = {
  duration: "PT5M",
  email: "name@example.com",
  uri: "https://example.com",
  uuid: "00000000-0000-4000-8000-000000000000",
  "date-time": "2026-01-31T09:00:00+01:00",
  date: "2026-01-31",
  time: "09:00:00",
};

/** See the module's comment. */
export function TextField(props: FieldProps<FieldOf<"text">>) {
  const { field, value, must } = props;
  const list = useId();
  if (isShownAsDate(field, value)) return <DateField {...props} />;
  const text = typeof value === "string" ? value : "";
  const examples = field.examples.filter((example) => typeof example === "string");
  const note = value === "" && !must
    ? [NOTES[field.format], "Empty text"].filter(Boolean).join(". ")
    : NOTES[field.format];
  const onInput = (event: { currentTarget: { value: string } }) => props.onChange(event.currentTarget.value);
  const placeholder = value === undefined ? PLACEHOLDERS[field.format] ?? "not set" : undefined;
  return (
    <FieldFrame of={props} note={note}>
      {(ids) =>
        // A line would lose the ends of lines that the value has.
        field.format === "lines" || text.includes("\n")
          ? (
            <textarea
              class="input form-lines"
              rows={Math.min(12, Math.max(3, text.split("\n").length))}
              placeholder={placeholder}
              {...ids}
              value={text}
              onInput={onInput}
            />
          )
          : (
            <>
              <input
                class="input"
                type={(field.format === "password" ? "password" : "text") as "text"}
                inputMode={MODES[field.format]}
                autocomplete={field.format === "password" ? "new-password" : "off"}
                spellcheck={false}
                placeholder={placeholder}
                list={examples.length > 0 ? list : undefined}
                {...ids}
                value={text}
                onInput={onInput}
              />
              {examples.length === 0
                ? null
                : <datalist id={list}>{examples.map((example) => <option key={example} value={example} />)}</datalist>}
            </>
          )}
    </FieldFrame>
  );
}
