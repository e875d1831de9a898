/**
 * Tables: with lines for a terminal, as plain aligned columns for everything else. The only importer of `cli-table3`.
 *
 * @module
 */

import Table from "cli-table3";
import type { StateType } from "../domain/states.ts";
import { harmlessLine } from "../support/text.ts";
import type { Cell, Colors } from "./output.ts";

/** See {@link renderTable}. */
export interface TableOptions {
  /** Draw lines; else columns are parted by two spaces, so that `awk` and `cut` can read them. */
  lines: boolean;
  colors: Colors;
  /** The colour of a state. */
  paint: (type: StateType | null) => (text: string) => string;
}

/** A table as text, without a trailing newline. Cells come from flows and files: each is made one harmless line. */
export function renderTable(head: string[], rows: Cell[][], { lines, colors, paint }: TableOptions): string {
  const cells = rows.map((row) => row.map((cell) => typeof cell === "string" ? { text: cell, type: null } : cell))
    .map((row) => row.map(({ text, type }) => ({ text: harmlessLine(text), type })));
  if (!lines) {
    return plain([
      head.map((cell) => cell.toUpperCase()),
      ...cells.map((row) => row.map(({ text }) => text)),
    ]);
  }
  const table = new Table({
    head: head.map((cell) => colors.bold(cell)),
    // The library would colour heads and borders by itself, also where no colour is wanted.
    style: { head: [], border: [], compact: true },
  });
  table.push(...cells.map((row) => row.map(({ text, type }) => paint(type)(text))));
  return table.toString();
}

function plain(rows: string[][]): string {
  const length = (cell: string) => [...cell].length;
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => length(row[column]))));
  const pad = (cell: string, column: number) => cell + " ".repeat(widths[column] - length(cell));
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}
