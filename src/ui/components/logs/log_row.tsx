/**
 * One line: when, how grave, which task, and what was said.
 *
 * @module
 */

import { useMemo } from "preact/hooks";
import type { LogLine } from "../../../domain/log_pages.ts";
import { logLevelName } from "../../../domain/log_levels.ts";
import { exact } from "../../format.ts";
import { lookClasses } from "../../ansi.ts";
import { foldOf, MOST_OPENED } from "./folding.ts";
import { lineTime, type TimeStyle } from "./line_times.ts";
import { lineHash } from "./log_address.ts";
import { matchesOf, type Piece, runsOf, shownOf } from "./pieces.ts";

/** How lines are shown. */
export interface LineLook {
  times: TimeStyle;
  /** When the run began, in milliseconds. */
  start: number;
  /** What is highlighted. */
  query: string;
  /** Whether each line says its task. */
  tasks: boolean;
}

/** What a line may ask for. */
export interface LineActions {
  /** The line was chosen. @param extend Those between are chosen, too. */
  pick: (id: string, extend: boolean) => void;
  task: (id: string) => void;
  /** Opens or folds the rest of a message. */
  open: (line: LogLine) => void;
}

/** See the module's comment. @param full The whole message, where the line has only its beginning and it was asked for */
export function LogRow({ line, look, actions, marked, current, opened, full }: {
  line: LogLine;
  look: LineLook;
  actions: LineActions;
  /** Chosen, alone or with others. */
  marked: boolean;
  /** The one that keys and searches are at. */
  current: boolean;
  opened: boolean;
  full: string | undefined;
}) {
  const { times, start, query, tasks } = look;
  const message = opened ? full ?? line.message : line.message;
  const { shown, fold } = useMemo(() => {
    const shown = shownOf(message);
    return { shown, fold: foldOf(shown.text) };
  }, [message]);
  // What is searched for is not hidden.
  const searched = useMemo(
    () => fold !== undefined && query !== "" && matchesOf(shown.text, query).some(({ end }) => end > fold.end),
    [shown, fold, query],
  );
  const isOpen = opened || searched;
  const end = fold === undefined ? undefined : isOpen ? MOST_OPENED : fold.end;
  const runs = useMemo(() => runsOf(shown, query, 0, end), [shown, query, end]);
  const level = logLevelName(line.level);
  const time = lineTime(line.timestamp, times, start);
  return (
    <div
      class={`log-row log-${level.toLowerCase()}${marked ? " log-marked" : ""}${current ? " log-current" : ""}`}
      data-line={line.id}
    >
      <a
        class="log-time"
        href={lineHash(line.id)}
        tabIndex={-1}
        title={`${exact(Date.parse(line.timestamp))} · link to this line`}
        aria-label={time === "" ? "Link to this line" : undefined}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          actions.pick(line.id, event.shiftKey);
        }}
      >
        {time === "" ? "#" : time}
      </a>
      <span class="log-level">{level}</span>
      {tasks && line.task_run_id !== null
        ? (
          <button
            type="button"
            class="log-task"
            tabIndex={-1}
            title={`Only lines of ${line.task ?? line.task_run_id}`}
            onClick={() => actions.task(line.task_run_id!)}
          >
            {line.task ?? line.task_run_id.slice(0, 8)}
          </button>
        )
        : null}
      <span class="log-text" dir="ltr">
        {runs.map(({ href, pieces }, i) =>
          href === undefined
            ? <Pieces key={i} pieces={pieces} />
            : (
              <a key={i} href={href} target="_blank" rel="noopener noreferrer" tabIndex={-1}>
                <Pieces pieces={pieces} />
              </a>
            )
        )}
        {fold === undefined && !line.is_cut
          ? null
          : (
            <button type="button" class="log-fold" tabIndex={-1} onClick={() => actions.open(line)}>
              {opened ? "Show less" : restOf(line, fold?.lines ?? 0)}
            </button>
          )}
      </span>
    </div>
  );
}

const restOf = ({ size, is_cut }: LogLine, lines: number): string => {
  if (lines > 0 && !is_cut) return `Show ${lines} more ${lines === 1 ? "line" : "lines"}`;
  return `Show all (${size < 1_000_000 ? `${Math.round(size / 1000)} kB` : `${(size / 1e6).toFixed(1)} MB`})`;
};

const Pieces = ({ pieces }: { pieces: readonly Piece[] }) => (
  <>
    {pieces.map(({ text, look, match }, i) => {
      const classes = look === undefined ? undefined : lookClasses(look);
      if (match) return <mark key={i} class={classes}>{text}</mark>;
      return classes === undefined ? text : <span key={i} class={classes}>{text}</span>;
    })}
  </>
);
