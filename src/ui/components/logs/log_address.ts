/**
 * What the viewer shows, as it stands in the page's address: `?level=ERROR&task=…&q=…#line=…`. Other parts of the address are left
 * as they are.
 *
 * @module
 */

import { LOG_LEVELS, type LogLevelName } from "../../../domain/log_levels.ts";

/** What is shown. */
export interface LogView {
  /** The least level. */
  level?: LogLevelName;
  /** A task run's id. */
  task?: string;
  /** What is searched for. */
  q: string;
  /** Lines that do not match are shown, too. */
  keep: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads an address's query; what makes no sense is left out. */
export function readView(query: Record<string, string | undefined>): LogView {
  const level = query.level?.toUpperCase() ?? "";
  return {
    ...Object.hasOwn(LOG_LEVELS, level) ? { level: level as LogLevelName } : {},
    ...UUID.test(query.task ?? "") ? { task: query.task!.toLowerCase() } : {},
    q: (query.q ?? "").slice(0, 500),
    keep: query.lines === "all",
  };
}

/** A query with another view in it, with its question mark; empty when there is nothing to say. */
export function writeView(search: string, { level, task, q, keep }: LogView): string {
  const query = new URLSearchParams(search);
  const values = { level, task, q: q === "" ? undefined : q, lines: keep && q !== "" ? "all" : undefined };
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** The line that an address leads to. */
export function readLine(hash: string): string | undefined {
  const id = /^#line=(.+)$/.exec(hash)?.[1];
  return id !== undefined && UUID.test(id) ? id.toLowerCase() : undefined;
}

/** An address's part that leads to a line. */
export const lineHash = (id: string): string => `#line=${id}`;
