/**
 * How many runs there are of each state, each a press away.
 *
 * @module
 */

import { useEffect, useRef } from "preact/hooks";
import type { FacetQuery, Facets } from "../../domain/flow_run_pages.ts";
import { api } from "../api.ts";
import { type RunFilters, STATES } from "../filters.ts";
import { count } from "../format.ts";
import { useLive } from "../live/use_live.ts";
import { stateWord } from "./filter_choices.tsx";

/** Counting costs more than a page: on a busy server the counts rest so long, in milliseconds. */
const REST_MS = 1000;

/** See the module's comment. @param query What is counted, states apart. */
export function RunFacets({ filters, onChange, onCount, name, query }: {
  filters: RunFilters;
  onChange: (filters: RunFilters) => void;
  /** Is told how many there are in all of the states that are chosen, e.g. `10 000+`. */
  onCount: (about: string) => void;
  /** Names the question. */
  name: string;
  query: () => FacetQuery;
}) {
  const last = useRef({ name, at: 0 });
  const live = useLive(
    `facets ${name}`,
    async (signal) => {
      if (last.current.name === name) await rest(last.current.at + REST_MS - Date.now(), signal);
      last.current = { name, at: Date.now() };
      return await api.flowRuns.facets(query(), signal);
    },
    ({ kind }) => kind === "flow_run",
  );
  // Those of the filter before stay until the new ones are there.
  const known = useRef(live.data);
  known.current = live.data ?? known.current;
  const data = known.current;
  const about = data === undefined ? "" : sum(data, filters.states);
  useEffect(() => onCount(about), [about]);
  if (data === undefined) return <div class="facets" aria-hidden="true" />;
  const counted = new Map<string, { count: number; more: boolean }>([
    ["late", data.late],
    ...data.states.map((one) => [one.state_type.toLowerCase(), one] as const),
  ]);
  // What is chosen stays to be unchosen, also when there is none.
  const shown = STATES.filter((state) => filters.states.includes(state) || (counted.get(state)?.count ?? 0) > 0);
  return (
    <div class="facets" role="group" aria-label="Runs by state">
      {shown.map((state) => {
        const { count: value, more } = counted.get(state) ?? { count: 0, more: false };
        const on = filters.states.includes(state);
        return (
          <button
            key={state}
            type="button"
            class={`facet state-${state}`}
            aria-pressed={on}
            onClick={() => {
              const others = filters.states.filter((one) => one !== state);
              onChange({ ...filters, states: on ? others : [...others, state] });
            }}
          >
            <span class="state-dot" aria-hidden="true" />
            {stateWord(state)} <span class="number">{count(value)}{more ? "+" : ""}</span>
          </button>
        );
      })}
    </div>
  );
}

/** How many runs have one of the states; all when none is chosen. */
function sum({ states, late }: Facets, chosen: readonly string[]): string {
  const counted = states.filter(({ state_type }) => chosen.length === 0 || chosen.includes(state_type.toLowerCase()));
  if (chosen.includes("late") && !chosen.includes("scheduled")) counted.push({ state_type: "SCHEDULED", ...late });
  const total = counted.reduce((total, one) => total + one.count, 0);
  return `${count(total)}${counted.some(({ more }) => more) ? "+" : ""}`;
}

const rest = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (ms <= 0) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
