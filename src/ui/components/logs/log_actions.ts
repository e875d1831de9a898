/**
 * What a viewer asks the API for beyond pages: the rest of a message, the next match that is not read yet; and copying.
 *
 * @module
 */

import type { LogFilterInput } from "../../../client/flow_run_logs.ts";
import type { LogLine } from "../../../domain/log_pages.ts";
import { logLine } from "../../../domain/log_text.ts";
import { api } from "../../api.ts";
import { plural } from "../../format.ts";
import { toast } from "../overlays.tsx";
import { placeOf } from "./line_window.ts";
import { matchesOf } from "./pieces.ts";

/** All of a message. */
export async function wholeMessage(flowRunId: string, id: string): Promise<string> {
  const { records } = await api.flowRunLogs.page(flowRunId, { around: id, limit: 1 });
  return records.find((line) => line.id === id)?.message ?? "";
}

/** Copies lines as the command line prints them. */
export async function copyLines(flowRunId: string, lines: readonly LogLine[]): Promise<void> {
  const texts: string[] = [];
  for (const line of lines) {
    texts.push(logLine(line.is_cut ? { ...line, message: await wholeMessage(flowRunId, line.id) } : line));
  }
  await navigator.clipboard.writeText(texts.join("\n"));
  toast(`Copied ${plural(lines.length, "line")}`);
}

/**
 * The next line that matches, among those that are read or beyond; undefined when there is none.
 *
 * @param options.from Where the search begins; without it at the first line forwards, or the last one backwards.
 */
export async function findMatch(flowRunId: string, { filter, lines, from, way }: {
  filter: LogFilterInput & { text: string };
  lines: readonly LogLine[];
  from: string | undefined;
  way: 1 | -1;
}): Promise<string | undefined> {
  const at = lines.findIndex(({ id }) => id === from);
  const begin = at >= 0 ? at + way : way > 0 ? 0 : lines.length - 1;
  for (let i = begin; i >= 0 && i < lines.length; i += way) {
    if (lines[i].message !== "" && matchesOf(lines[i].message, filter.text, 1).length > 0) return lines[i].id;
  }
  const edge = way > 0 ? lines[lines.length - 1] : lines[0];
  let place: string | null = edge === undefined ? null : placeOf(edge);
  while (place !== null) {
    const query = way > 0 ? { after: place, limit: 1 } : { before: place, limit: 1 };
    const page = await api.flowRunLogs.page(flowRunId, { ...filter, ...query, most: 1 });
    if (page.records.length > 0) return page.records[0].id;
    place = way > 0 ? page.newer : page.older;
  }
  return undefined;
}
