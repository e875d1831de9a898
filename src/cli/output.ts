/**
 * What commands print: tables, JSON, YAML or names, and colour only for a terminal. The only importer of `picocolors`.
 *
 * Data goes to stdout; everything else (which API is used, progress, questions, errors) goes to stderr.
 *
 * @module
 */

import picocolors from "picocolors";
import type { StateType } from "../domain/states.ts";
import { harmlessLine } from "../support/text.ts";

/** Values of `-o`. `name` prints what other commands take as their argument, one per line. */
export const OUTPUT_FORMATS = ["table", "json", "yaml", "name"] as const;
/** See {@link OUTPUT_FORMATS}. */
export type OutputFormat = typeof OUTPUT_FORMATS[number];

/** Where text goes. */
export interface Writer {
  write(text: string): void;
  /** Whether a person reads it. */
  readonly isTerminal: boolean;
  /** Width in characters; only of a terminal. */
  readonly columns?: number;
}

/** Colours that do nothing unless they are wanted. */
export type Colors = ReturnType<typeof picocolors.createColors>;

/** What stands in a table: a text, or a state's name in the colour of its type. */
export type Cell = string | { text: string; type: StateType | null };

/** Columns of a table: header and what stands below it. */
export type Columns<T> = Record<string, (row: T) => Cell>;

/** What {@link Output.list} needs beside the rows. */
export interface ListView<T> {
  columns: Columns<T>;
  name: (row: T) => string;
  /** Said on stderr instead of an empty table. */
  empty: string;
}

/** What {@link Output.item} needs beside the value. */
export interface ItemView<T> {
  /** The text of `-o table`, made by the command. */
  text: (value: T) => string;
  name: (value: T) => string;
}

/** Prints. */
export interface Output {
  readonly colors: Colors;
  /** One line on stdout. */
  line(text: string): void;
  /** One line on stderr. */
  note(text: string): void;
  /** Several things. */
  list<T>(format: OutputFormat, rows: T[], view: ListView<T>): Promise<void>;
  /** One thing. */
  item<T>(format: OutputFormat, value: T, view: ItemView<T>): Promise<void>;
  /** A state's name in the colour of its type. */
  state(type: StateType | null, name: string | null): string;
}

/** Whether to colour what goes there: a terminal, and nobody said no (`NO_COLOR`, whatever its value, or `TERM=dumb`). */
export function wantsColor(writer: Writer, env: Record<string, string | undefined>): boolean {
  return writer.isTerminal && !env.NO_COLOR && env.TERM !== "dumb";
}

/** Makes an {@link Output}. */
export function createOutput(stdout: Writer, stderr: Writer, env: Record<string, string | undefined>): Output {
  const colors = picocolors.createColors(wantsColor(stdout, env));
  const line = (text: string) => stdout.write(`${text}\n`);
  const note = (text: string) => stderr.write(`${text}\n`);

  async function structured(format: "json" | "yaml", value: unknown): Promise<void> {
    if (format === "json") return line(JSON.stringify(value, null, 2));
    const { stringifyYaml } = await import("../support/yaml.ts");
    stdout.write(stringifyYaml(value));
  }

  const paintOf = (type: StateType | null) => stateColor(colors, type);

  return {
    colors,
    line,
    note,
    async list(format, rows, { columns, name, empty }) {
      if (format === "json" || format === "yaml") return await structured(format, rows);
      if (format === "name") return rows.forEach((row) => line(harmlessLine(name(row))));
      if (rows.length === 0) return note(empty);
      const { renderTable } = await import("./table.ts");
      const cells = rows.map((row) => Object.values(columns).map((cell) => cell(row)));
      line(renderTable(Object.keys(columns), cells, { lines: stdout.isTerminal, colors, paint: paintOf }));
    },
    async item(format, value, { text, name }) {
      if (format === "json" || format === "yaml") return await structured(format, value);
      line(format === "name" ? harmlessLine(name(value)) : text(value));
    },
    state: (type, name) => paintOf(type)(harmlessLine(name ?? type ?? "-")),
  };
}

const STATE_COLORS = {
  SCHEDULED: undefined,
  PENDING: "blue",
  RUNNING: "blue",
  PAUSED: "yellow",
  CANCELLING: "yellow",
  CANCELLED: "yellow",
  COMPLETED: "green",
  FAILED: "red",
  CRASHED: "red",
} as const satisfies Record<StateType, keyof Colors | undefined>;

function stateColor(colors: Colors, type: StateType | null): (text: string) => string {
  const color = type === null ? undefined : STATE_COLORS[type];
  return color === undefined ? (text) => text : colors[color];
}

/**
 * Facts below each other, their values aligned; those that are undefined, null or empty are left out. Values of somebody else
 * are made harmless, following lines are indented.
 */
export function fieldLines(fields: [label: string, value: string | null | undefined][]): string {
  const said = fields.filter((field): field is [string, string] => field[1] != null && field[1] !== "");
  const width = Math.max(0, ...said.map(([label]) => label.length)) + 2;
  return said
    .map(([label, value]) => `${label}:`.padEnd(width) + value.replaceAll("\n", `\n${" ".repeat(width)}`))
    .join("\n");
}
