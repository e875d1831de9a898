/**
 * Runs that wait: those that are late, with why, and those that come next.
 *
 * @module
 */

import type { Overview, WaitingRun } from "../../domain/overview.ts";
import { Card } from "../components/layout.tsx";
import { Icon, Time } from "../components/text.tsx";
import { count } from "../format.ts";

/** The API counts waiting runs up to this number. */
const MOST_COUNTED = 1_000;

const counted = (all: number) => all >= MOST_COUNTED ? `${count(MOST_COUNTED)} or more` : count(all);

/** Runs whose time is over and that nobody has started. */
export const Late = ({ late: { count: all, runs }, href }: { late: Overview["late"]; href: string }) => (
  <Card
    title={
      <>
        Late <Counter all={all} bad />
      </>
    }
    actions={all === 0 ? undefined : <a href={href}>All late runs</a>}
  >
    {all === 0 ? <p class="quiet">No run is late.</p> : <Runs runs={runs} label="Late runs" warn />}
  </Card>
);

/** Runs whose time comes. */
export const Upcoming = (
  { upcoming: { count: all, runs }, href }: { upcoming: Overview["upcoming"]; href: string },
) => (
  <Card
    title={
      <>
        Upcoming <Counter all={all} />
      </>
    }
    actions={all === 0 ? undefined : <a href={href}>All that are scheduled</a>}
  >
    {all === 0
      ? <p class="quiet">Nothing is scheduled. A deployment with a schedule brings its next runs here.</p>
      : <Runs runs={runs} label="Upcoming runs" />}
  </Card>
);

const Counter = ({ all, bad }: { all: number; bad?: boolean }) =>
  all === 0
    ? null
    : <span class={bad ? "overview-counter overview-counter-bad" : "overview-counter"}>{counted(all)}</span>;

const Runs = ({ runs, label, warn }: { runs: readonly WaitingRun[]; label: string; warn?: boolean }) => (
  <ul class="overview-lines" aria-label={label}>
    {runs.map(({ id, name, scheduled, flow, deployment, warning, state_name }) => (
      <li key={id}>
        <div class="overview-line">
          <span class="overview-line-main">
            <a href={`/flow-runs/${id}`}>{name}</a>{" "}
            <span class="overview-line-of">
              <a href={`/flows/${flow.id}`}>{flow.name}</a>
              {deployment === null ? null : (
                <>
                  /<a href={`/deployments/${deployment.id}`}>{deployment.name}</a>
                </>
              )}
            </span>
          </span>
          <span class="overview-line-end">
            {state_name === "Scheduled" || state_name === "Late" ? null : <span class="quiet">{state_name}</span>}
            <Time at={scheduled} />
          </span>
        </div>
        {warning === null || !warn ? null : (
          <p class="overview-line-warning">
            <Icon name="warning" size={14} /> {warning}
          </p>
        )}
      </li>
    ))}
  </ul>
);
