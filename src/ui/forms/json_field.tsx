/**
 * The field of anything: JSON as text. Text that is no JSON stays where it is, and the form waits for it to be mended.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { FieldOf } from "./fields.ts";
import { FieldFrame, type FieldProps, useForm } from "./frame.tsx";
import { type Json, problemText, readJson, same } from "./json.ts";

/** What a text means; undefined for nothing where nothing may be. */
function read(text: string, must: boolean): { value?: Json; problem?: string } {
  if (text.trim() === "" && !must) return {};
  const found = readJson(text);
  return found.problem === undefined ? { value: found.value } : { problem: problemText(found.problem) };
}

const textOf = (value: Json | undefined): string => value === undefined ? "" : JSON.stringify(value, undefined, 2);

/** See the module's comment. */
export function JsonField(props: FieldProps<FieldOf<"json">>) {
  const { value, path, must = false } = props;
  const { setBroken } = useForm();
  const [draft, setDraft] = useState<{ text: string; value: Json | undefined }>();
  const isOwn = draft !== undefined && same(draft.value, value);
  const text = isOwn ? draft.text : textOf(value);
  const { problem } = read(text, must);
  const place = JSON.stringify(path);
  useEffect(() => {
    setBroken(path, problem);
    return () => setBroken(path, undefined);
  }, [place, problem]);
  const type = (typed: string) => {
    const found = read(typed, must);
    setDraft({ text: typed, value: found.problem === undefined ? found.value : value });
    if (found.problem === undefined) props.onChange(found.value);
  };
  return (
    <FieldFrame of={props} error={problem}>
      {(ids) => (
        <textarea
          class="input form-json"
          rows={Math.min(12, Math.max(2, text.split("\n").length))}
          spellcheck={false}
          placeholder={value === undefined ? "JSON" : undefined}
          {...ids}
          value={text}
          onInput={(event) => type(event.currentTarget.value)}
        />
      )}
    </FieldFrame>
  );
}
