/**
 * What stands in a control while it is typed into.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { type Json, same } from "./json.ts";

/**
 * The text of a control: what was typed as long as it means the value (`1.` for 1), else the value's own text. So nothing jumps under
 * the typing hand, and a value that comes from elsewhere is shown.
 */
export function useDraft(
  value: Json | undefined,
  textOf: (value: Json | undefined) => string,
  read: (text: string) => Json | undefined,
): [text: string, type: (text: string) => void] {
  const [draft, setDraft] = useState<string>();
  return [draft !== undefined && same(read(draft), value) ? draft : textOf(value), setDraft];
}
