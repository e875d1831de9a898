/**
 * The overview: how runs went, what failed and why, what is late and what comes, and how agents are.
 *
 * The time it is about moves on whenever something changes, and when somebody comes back to the page; a page that nothing happens to
 * asks nothing.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Overview } from "../../domain/overview.ts";
import { api } from "../api.ts";
import { spanLabel } from "../charts/intervals.ts";
import { RunBars } from "../charts/run_bars.tsx";
import { FilterBar, useFilters } from "../components/filter_bar.tsx";
import { Card, Empty, Page, Shown } from "../components/layout.tsx";
import { filterHref, NO_FILTERS, type RunFilters, withFilters } from "../filters.ts";
import { count, plural } from "../format.ts";
import { paced } from "../live/pace.ts";
import { useLive } from "../live/use_live.ts";
import { Agents } from "../overview/agents.tsx";
import { Failures } from "../overview/failures.tsx";
import { chosenCounts, compared, LAYERS, percent, runsOf, successRate, sum, word } from "../overview/numbers.ts";
import { Steps } from "../overview/steps.tsx";
import { Late, Upcoming } from "../overview/waiting.tsx";
import { overviewQuery, shownFilters, windowWords } from "../overview/windows.ts";

/** What the overview is filtered by; a part of runs' names only when a link says so. */
const PARTS = ["time", "states", "projects", "flows", "deployments", "tags", "labels"] as const;

const CONCERNS: ReadonlySet<string> = new Set(["flow_run", "agent", "deployment", "flow", "project"]);

/** See the module's comment. */
export default function OverviewPage() {
  const { filters, setFilters } = useFilters();
  const key = `overview ${withFilters("", filters)}`;
  const ask = useMemo(() => paced(() => api.overview.read(overviewQuery(filters, Date.now()))), [key]);
  const live = useLive(key, ask, ({ kind }) => CONCERNS.has(kind));
  const { refresh } = live;
  useEffect(() => {
    const back = () => document.hidden || refresh();
    document.addEventListener("visibilitychange", back);
    return () => document.removeEventListener("visibilitychange", back);
  });
  // What was shown stays until the answer to another choice is there; steps stay until somebody has seen that they are done.
  const shown = useRef<{ overview: Overview; filters: RunFilters } | undefined>(undefined);
  if (live.data !== undefined) shown.current = { overview: live.data, filters };
  const [steps, setSteps] = useState<boolean>();
  if (steps === undefined && live.data !== undefined) setSteps(live.data.begun.run === null);
  const view = live.error !== undefined && live.data === undefined ? undefined : shown.current;
  return (
    <Page title="Overview">
      {steps && view !== undefined ? <Beginning overview={view.overview} onDone={() => setSteps(false)} /> : (
        <>
          <FilterBar
            filters={filters}
            onChange={setFilters}
            parts={filters.text === "" ? PARTS : ["text", ...PARTS]}
          />
          {view === undefined
            ? <Shown live={live}>{() => null}</Shown>
            : <View {...view} setFilters={setFilters} isOld={live.data === undefined} />}
        </>
      )}
    </Page>
  );
}

const Beginning = ({ overview: { begun, agents }, onDone }: { overview: Overview; onDone: () => void }) => (
  <>
    <Steps begun={begun} onDone={onDone} />
    {agents.length === 0 ? null : <Agents agents={agents} />}
  </>
);

interface ViewProps {
  overview: Overview;
  filters: RunFilters;
  setFilters: (filters: RunFilters) => void;
}

function View({ overview, filters, setFilters, isOld }: ViewProps & {
  /** Another choice has been made, and its answer is under way. */
  isOld: boolean;
}) {
  const shown = shownFilters(filters);
  const runsHref = (more: Partial<RunFilters>) => filterHref("/runs", { ...shown, ...more });
  const whole = sum(overview.intervals.map(({ states }) => states));
  const failing = (["crashed", "failed"] as const).filter((state) =>
    filters.states.length === 0 || filters.states.includes(state)
  );
  const all = failing.reduce((sum, state) => sum + (whole[state === "failed" ? "FAILED" : "CRASHED"] ?? 0), 0);
  return (
    <div aria-busy={isOld}>
      <RunsCard overview={overview} filters={filters} setFilters={setFilters} />
      <div class="overview-tiles">
        <Failures
          failures={failures(overview, failing)}
          all={all}
          href={runsHref({ states: failing })}
          hidden={failing.length === 0}
        />
        <Late late={overview.late} href={filterHref("/runs", { ...filters, states: ["late"], time: undefined })} />
        <Upcoming
          upcoming={overview.upcoming}
          href={filterHref("/runs", { ...filters, states: ["scheduled"], time: undefined })}
        />
        <Agents agents={overview.agents} />
      </div>
    </div>
  );
}

/** Those of the chosen states. */
const failures = ({ failures: { groups, looked_at } }: Overview, states: readonly string[]): Overview["failures"] => ({
  looked_at,
  groups: groups.filter(({ state_type }) => states.includes(state_type.toLowerCase())),
});

/** Runs over time, in numbers and as bars. */
function RunsCard({ overview, filters, setFilters }: ViewProps) {
  const { route } = useLocation();
  const shown = shownFilters(filters);
  const intervals = useMemo(
    () =>
      overview.intervals.map(({ start, end, states }) => ({
        from: Date.parse(start),
        to: Date.parse(end),
        states: chosenCounts(states, filters.states),
      })),
    [overview.intervals, filters],
  );
  const whole = sum(overview.intervals.map(({ states }) => states));
  const counts = sum(intervals.map(({ states }) => states));
  const all = runsOf(counts);
  const rate = successRate(whole);
  const between = (from: number, to: number) => ({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  });
  const words = windowWords(filters);
  return (
    <Card
      title={
        <>
          Runs{" "}
          <span class="quiet overview-runs-when">{words ?? spanLabel(intervals[0].from, intervals.at(-1)!.to)}</span>
        </>
      }
      actions={
        <span class="overview-runs-links">
          {words === windowWords(NO_FILTERS)
            ? null
            : (
              <button type="button" class="overview-link" onClick={() => setFilters({ ...filters, time: undefined })}>
                Back to 24 hours
              </button>
            )}
          <a href={filterHref("/runs", shown)}>List these runs</a>
        </span>
      }
    >
      <div class="overview-figures">
        <p class="overview-figure">
          <span class="overview-figure-value">{count(all)}</span>
          <span class="overview-figure-name">{all === 1 ? "run" : "runs"}</span>
        </p>
        <p class="overview-figure">
          <span class="overview-figure-value">{rate === undefined ? "–" : percent(rate)}</span>
          <span class="overview-figure-name">succeeded{filters.states.length === 0 ? "" : ", of all states"}</span>
          <span class="overview-figure-more">{compared(rate, successRate(overview.previous))}</span>
        </p>
        <ul class="overview-legend" aria-label="Runs by state">
          {LAYERS.filter((type) => (counts[type] ?? 0) > 0).map((type) => (
            <li key={type}>
              <a class={`state state-${word(type)}`} href={filterHref("/runs", { ...shown, states: [word(type)] })}>
                <span class="state-dot" aria-hidden="true" />
                {word(type)} <span class="number">{count(counts[type]!)}</span>
              </a>
            </li>
          ))}
        </ul>
      </div>
      <RunBars
        intervals={intervals}
        onChoose={(from, to) => setFilters({ ...filters, time: between(from, to) })}
        onOpen={(from, to) => route(filterHref("/runs", { ...shown, time: between(from, to) }))}
      />
      {all === 0
        ? (
          <Empty
            title={filters.states.length > 0 || words === undefined ? "No run matches." : `No runs in the ${words}.`}
          />
        )
        : null}
      <p class="only-read" role="status">
        {plural(all, "run")}, {rate === undefined ? "none ended" : `${percent(rate)} succeeded`}
      </p>
    </Card>
  );
}
