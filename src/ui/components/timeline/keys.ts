/**
 * What keys do in the rows of a timeline. Pure.
 *
 * @module
 */

import type { TimelineRow } from "./rows.ts";

/** What is to be done. */
export type GridAction =
  | { do: "go"; index: number }
  | { do: "toggle" | "open" }
  /** Without a factor: everything is to be seen. */
  | { do: "zoom"; factor?: number }
  | { do: "pan"; part: number };

/** What a key is pressed at. */
export interface GridPlace {
  rows: readonly Pick<TimelineRow, "depth" | "isUnfolded" | "task">[];
  /** The active row; -1 for none. */
  index: number;
  /** Rows of a page. */
  page: number;
}

/** What a key does; undefined for one that is not ours. */
export function gridKey(
  { key, shiftKey, ctrlKey, altKey, metaKey }: Pick<
    KeyboardEvent,
    "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey"
  >,
  { rows, index, page }: GridPlace,
): GridAction | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  if (shiftKey && key === "ArrowLeft") return { do: "pan", part: -0.2 };
  if (shiftKey && key === "ArrowRight") return { do: "pan", part: 0.2 };
  const row = rows[index];
  const go = (to: number): GridAction => ({ do: "go", index: Math.max(0, Math.min(rows.length - 1, to)) });
  switch (key) {
    case "ArrowDown":
      return go(index + 1);
    case "ArrowUp":
      return go(index - 1);
    case "PageDown":
      return go(index + page);
    case "PageUp":
      return go(index - page);
    case "Home":
      return go(0);
    case "End":
      return go(rows.length - 1);
    case "ArrowRight":
      if (row?.isUnfolded === false) return { do: "toggle" };
      return row?.isUnfolded ? go(index + 1) : undefined;
    case "ArrowLeft": {
      if (row?.isUnfolded) return { do: "toggle" };
      if (row === undefined || row.depth === 0) return undefined;
      let above = index - 1;
      while (above > 0 && rows[above].depth >= row.depth) above--;
      return go(above);
    }
    case "Enter":
      return row === undefined ? undefined : row.task === undefined ? { do: "toggle" } : { do: "open" };
    case " ":
      return row?.isUnfolded === undefined ? undefined : { do: "toggle" };
    case "+":
    case "=":
      return { do: "zoom", factor: 1.6 };
    case "-":
      return { do: "zoom", factor: 1 / 1.6 };
    case "0":
      return { do: "zoom" };
    default:
      return undefined;
  }
}
