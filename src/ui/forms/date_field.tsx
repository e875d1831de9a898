/**
 * Fields of moments, dates and times. A moment is typed on the viewer's clock and sent with its offset.
 *
 * @module
 */

import { isDate, isTime, localTextOf, momentOf } from "./dates.ts";
import { useDraft } from "./draft.ts";
import { type FieldOf, patternOf } from "./fields.ts";
import { FieldFrame, type FieldProps } from "./frame.tsx";
import type { Json } from "./json.ts";

const TYPES = { "date-time": "datetime-local", date: "date", time: "time" } as const;

/** Whether a browser's own control can show the value; a text that it could not stays a text. */
export function isShownAsDate({ format }: FieldOf<"text">, value: Json | undefined): boolean {
  if (!(format in TYPES)) return false;
  if (value === undefined || value === "") return true;
  if (typeof value !== "string") return false;
  return format === "date-time" ? localTextOf(value) !== undefined : format === "date" ? isDate(value) : isTime(value);
}

/** See the module's comment. */
export function DateField(props: FieldProps<FieldOf<"text">>) {
  const { field, value, must } = props;
  const format = field.format as keyof typeof TYPES;
  const pattern = field.pattern === undefined ? undefined : patternOf(field.pattern);
  const nothing = must ? "" : undefined;
  const read = (text: string): Json | undefined =>
    text === ""
      ? nothing
      : format === "date-time"
      ? momentOf(text, (moment) => pattern?.test(moment) ?? true) ?? nothing
      : text;
  const textOf = (moment: Json | undefined) =>
    typeof moment !== "string" ? "" : format === "date-time" ? localTextOf(moment) ?? "" : moment;
  const [text, type] = useDraft(value, textOf, read);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const note = format !== "date-time"
    ? undefined
    : typeof value === "string" && value !== ""
    ? `Sent as ${value}`
    : `In ${zone}`;
  return (
    <FieldFrame of={props} note={note}>
      {(ids) => (
        <input
          class="input form-short"
          type={TYPES[format]}
          step={format === "date" ? undefined : 1}
          {...ids}
          value={text}
          onInput={(event) => {
            type(event.currentTarget.value);
            props.onChange(read(event.currentTarget.value));
          }}
        />
      )}
    </FieldFrame>
  );
}
