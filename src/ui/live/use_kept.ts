/**
 * What is shown while another question is on its way: the last answer.
 *
 * @module
 */

import { useRef } from "preact/hooks";
import type { Live } from "./use_live.ts";

/** The same, with the data of the last question as long as the present one has none. For lists that are searched while one types. */
export function useKept<T>(live: Live<T>): Live<T> {
  const last = useRef<T | undefined>(undefined);
  if (live.data !== undefined) last.current = live.data;
  return live.error === undefined ? { ...live, data: live.data ?? last.current } : live;
}
