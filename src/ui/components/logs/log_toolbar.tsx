/**
 * What is above the lines: search, filters, how lines are shown.
 *
 * @module
 */

import type { LogFacets } from "../../../domain/log_pages.ts";
import { LOG_LEVELS, type LogLevelName } from "../../../domain/log_levels.ts";
import { Button, Select, Switch, TextInput } from "../controls.tsx";
import { count } from "../../format.ts";
import type { LogView } from "./log_address.ts";
import { TIME_STYLES, type TimeStyle } from "./line_times.ts";

/** What the viewer remembers between visits. */
export interface LogOptions {
  wrap: boolean;
  times: TimeStyle;
}

/** See the module's comment. */
export function LogToolbar({ view, draft, onDraft, onView, onSearch, facets, onFacets, options, onOptions, ...rest }: {
  view: LogView;
  /** What is typed and may not be searched for yet. */
  draft: string;
  onDraft: (q: string) => void;
  onView: (view: LogView) => void;
  /** Goes to the next match, or the one before. */
  onSearch: (way: 1 | -1) => void;
  facets: LogFacets | undefined;
  /** The facets should be new. */
  onFacets: () => void;
  options: LogOptions;
  onOptions: (options: LogOptions) => void;
  /** The chosen task, when the facets don't name it. */
  taskName: string | undefined;
  /** The viewer shows one task only. */
  oneTask: boolean;
}) {
  const { taskName, oneTask } = rest;
  const tasks = facets?.tasks ?? [];
  const isListed = tasks.some(({ id }) => id === view.task);
  return (
    <div class="log-tools" role="search" aria-label="Lines">
      <div class="log-search">
        <TextInput
          type="search"
          aria-label="Search lines"
          placeholder="Search lines"
          value={draft}
          onInput={onDraft}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            onSearch(event.shiftKey ? -1 : 1);
          }}
        />
        {view.q === "" ? null : (
          <>
            <Button kind="quiet" icon="up" title="Previous match (N)" onClick={() => onSearch(-1)} />
            <Button kind="quiet" icon="down" title="Next match (n)" onClick={() => onSearch(1)} />
          </>
        )}
      </div>
      {view.q === ""
        ? null
        : <Switch label="Other lines, too" on={view.keep} onChange={(keep) => onView({ ...view, keep })} />}
      <div class="log-filters" onFocusIn={onFacets}>
        <Select
          aria-label="Least level"
          value={view.level ?? ""}
          options={[["", "All levels"], ...levels(facets)]}
          onChange={(level) => onView({ ...view, level: level === "" ? undefined : level as LogLevelName })}
        />
        {oneTask || (tasks.length === 0 && view.task === undefined) ? null : (
          <Select
            aria-label="Task"
            value={view.task ?? ""}
            options={[
              ["", "All tasks"],
              ...tasks.map(({ id, name }) => [id, name] as const),
              ...view.task === undefined || isListed ? [] : [[view.task, taskName ?? view.task.slice(0, 8)] as const],
            ]}
            onChange={(task) => onView({ ...view, task: task === "" ? undefined : task })}
          />
        )}
        <Select
          aria-label="Times"
          value={options.times}
          options={TIME_STYLES}
          onChange={(times) => onOptions({ ...options, times: times as TimeStyle })}
        />
      </div>
      <Switch label="Wrap" on={options.wrap} onChange={(wrap) => onOptions({ ...options, wrap })} />
    </div>
  );
}

const WORDS: Record<LogLevelName, string> = {
  DEBUG: "Debug and above",
  INFO: "Info and above",
  WARNING: "Warnings and above",
  ERROR: "Errors and above",
  CRITICAL: "Critical only",
};

/** Levels with the number of lines that each would leave. */
function levels(facets: LogFacets | undefined): [string, string][] {
  const names = Object.keys(LOG_LEVELS) as LogLevelName[];
  return names.slice(1).map((name, i) => {
    if (facets === undefined) return [name, WORDS[name]];
    const left = names.slice(i + 1).reduce((sum, one) => sum + facets.levels[one], 0);
    return [name, `${WORDS[name]} (${count(left)}${facets.more_lines ? " or more" : ""})`];
  });
}
