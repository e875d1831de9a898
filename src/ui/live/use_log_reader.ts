/**
 * A run's lines, kept true: read by pages, and what arrives as soon as the server says that there is something.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type { LogFilterInput } from "../../client/flow_run_logs.ts";
import { api } from "../api.ts";
import { type Beginning, LogReader } from "../components/logs/log_reader.ts";
import { onChanges } from "./stream.ts";

/** Longer messages are cut to so many characters until somebody wants all of one. */
const MOST = 16_000;

/**
 * Reads.
 *
 * @param beginning Asked at the first time and whenever the filter is another one: where reading begins.
 */
export function useLogReader(flowRunId: string, filter: LogFilterInput, beginning: () => Beginning): LogReader {
  const [, render] = useState({});
  const latest = useRef({ filter, reader: undefined as LogReader | undefined });
  latest.current.filter = filter;
  const reader = latest.current.reader ??= new LogReader({
    ask: (query, signal) => api.flowRunLogs.page(flowRunId, { ...latest.current.filter, ...query, most: MOST }, signal),
    onChange: () => render({}),
  });
  useEffect(() => {
    void reader.open(beginning());
  }, [filter.level, filter.task_run_id, filter.text]);
  useEffect(() => {
    const stop = onChanges((changes) => {
      // Lines that a project took with it leave their numbers to later ones.
      if (changes.some(({ kind }) => kind === "project")) return void reader.open(beginning());
      const concerns = changes.some((change) =>
        change.kind === "elsewhere" || (change.kind === "logs" && change.flow_run_id === flowRunId)
      );
      if (concerns) reader.arrive();
    });
    return () => {
      stop();
      reader.close();
    };
  }, []);
  return reader;
}
