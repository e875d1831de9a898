/**
 * The bar that filters runs: a part for each filter, which shows what is chosen and opens to choose. What is chosen is in the
 * address, so that a link shows the same and the browser's back and forward work.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso/router";
import { useEffect, useMemo, useState } from "preact/hooks";
import { exact } from "../format.ts";
import { filtersOf, isFiltered, type ListName, NO_FILTERS, type RunFilters, withFilters } from "../filters.ts";
import { LAST_WORDS, ListChoices, stateWord, TimeChoices, useNames } from "./filter_choices.tsx";
import { Popover } from "./popover.tsx";
import { Icon } from "./text.tsx";

/** What a bar may have. */
export type FilterPart = ListName | "time" | "text";

const PARTS: readonly FilterPart[] = [
  "text",
  "states",
  "time",
  "flows",
  "deployments",
  "projects",
  "tags",
  "labels",
];

const WORDS: Record<ListName, string> = {
  states: "State",
  flows: "Flow",
  deployments: "Deployment",
  projects: "Project",
  tags: "Tag",
  labels: "Label",
};

/**
 * The filters of this address, and how to change them. What else the address says stays.
 *
 * @example
 * ```tsx ignore
 * const { filters, setFilters } = useFilters();
 * const bar = <FilterBar filters={filters} onChange={setFilters} />;
 * ```
 */
export function useFilters(): {
  filters: RunFilters;
  /** The address's query as it is, with `?` when there is any. */
  search: string;
  /** @param replace The present address is no step that one goes back to: while somebody types. */
  setFilters: (filters: RunFilters, replace?: boolean) => void;
} {
  const { url, path, route } = useLocation();
  const { search } = new URL(url, location.origin);
  const filters = useMemo(() => filtersOf(search), [search]);
  return {
    filters,
    search,
    setFilters(next, replace = false) {
      const query = withFilters(search, next);
      const to = query === "" ? path : `${path}?${query}`;
      if (to !== url) route(to, replace);
    },
  };
}

/** See the module's comment. @param parts Those that the page's question has; all by default. */
export function FilterBar({ filters, onChange, parts = PARTS, children }: {
  filters: RunFilters;
  onChange: (filters: RunFilters, replace?: boolean) => void;
  parts?: readonly FilterPart[];
  /** Stands at the end of the bar, e.g. the choice of an order. */
  children?: ComponentChildren;
}) {
  return (
    <div class="filters" role="search" aria-label="Filter runs">
      {parts.map((part) => {
        if (part === "text") {
          return <TextPart key={part} text={filters.text} onChange={(text) => onChange({ ...filters, text }, true)} />;
        }
        if (part === "time") return <TimePart key={part} filters={filters} onChange={onChange} />;
        return (
          <ListPart
            key={part}
            list={part}
            chosen={filters[part]}
            onChange={(values) => onChange({ ...filters, [part]: values })}
          />
        );
      })}
      {isFiltered(filters)
        ? (
          <button type="button" class="button button-quiet" onClick={() => onChange(NO_FILTERS)}>
            Clear filters
          </button>
        )
        : null}
      {children === undefined ? null : <div class="filters-end">{children}</div>}
    </div>
  );
}

/** How long after the last key the address follows, in milliseconds. */
const TYPING_MS = 250;

function TextPart({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => onChange(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div class="filter-text">
      <Icon name="search" />
      <input
        class="input"
        type="search"
        aria-label="Name contains"
        placeholder="Name contains"
        autocomplete="off"
        spellcheck={false}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && onChange(typed)}
      />
    </div>
  );
}

/** One part: the word, or what is chosen; a press on the cross takes it away. */
function Part({ word, value, onClear, children }: {
  word: string;
  value: string | undefined;
  onClear: () => void;
  children: (close: () => void) => ComponentChildren;
}) {
  return (
    <div class={`filter-part${value === undefined ? "" : " filter-set"}`}>
      <Popover
        label={value === undefined ? `Filter by ${word.toLowerCase()}` : `${word}: ${value}`}
        button={value === undefined
          ? (
            <>
              {word}
              <Icon name="down" size={12} />
            </>
          )
          : (
            <>
              <span class="filter-word">{word}:</span> <span class="filter-value">{value}</span>
            </>
          )}
      >
        {children}
      </Popover>
      {value === undefined ? null : (
        <button
          type="button"
          class="filter-clear"
          aria-label={`Do not filter by ${word.toLowerCase()}`}
          onClick={onClear}
        >
          <Icon name="cross" size={12} />
        </button>
      )}
    </div>
  );
}

function ListPart({ list, chosen, onChange }: {
  list: ListName;
  chosen: readonly string[];
  onChange: (values: readonly string[]) => void;
}) {
  const names = useNames(list, chosen);
  const shown = chosen.map((value) => list === "states" ? stateWord(value) : names.get(value) ?? value);
  return (
    <Part
      word={WORDS[list]}
      value={shown.length === 0 ? undefined : shown.length > 3 ? `${shown.length} chosen` : shown.join(", ")}
      onClear={() => onChange([])}
    >
      {() => <ListChoices list={list} word={WORDS[list]} chosen={chosen} names={names} onChange={onChange} />}
    </Part>
  );
}

function timeText({ time }: RunFilters): string | undefined {
  if (time === undefined) return undefined;
  if ("last" in time) return LAST_WORDS[time.last];
  const short = (at: string) => exact(Date.parse(at)).slice(0, 16);
  if (time.to === undefined) return `since ${short(time.from!)}`;
  return time.from === undefined ? `until ${short(time.to)}` : `${short(time.from)} to ${short(time.to)}`;
}

const TimePart = ({ filters, onChange }: { filters: RunFilters; onChange: (filters: RunFilters) => void }) => (
  <Part
    word="Time"
    value={timeText(filters)}
    onClear={() => onChange({ ...filters, time: undefined })}
  >
    {(close) => <TimeChoices time={filters.time} onChange={(time) => onChange({ ...filters, time })} close={close} />}
  </Part>
);
