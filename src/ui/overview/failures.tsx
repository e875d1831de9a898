/**
 * What failed and why: failures that say the same, the most frequent first.
 *
 * @module
 */

import { type FailureGroup, type Overview } from "../../domain/overview.ts";
import { Card, Empty } from "../components/layout.tsx";
import { StateBadge, Time } from "../components/text.tsx";
import { count, plural } from "../format.ts";

/** Groups that are shown before somebody wants more. */
const FIRST = 6;

/** See the module's comment. @param href The list of all failed runs. @param all How many there are, looked at or not. */
export function Failures({ failures: { groups, looked_at }, all, href, hidden }: {
  failures: Overview["failures"];
  all: number;
  href: string;
  /** The filter leaves failures out. */
  hidden: boolean;
}) {
  const most = groups[0]?.count ?? 1;
  return (
    <Card
      wide
      title="What failed and why"
      actions={all === 0 || hidden ? undefined : <a href={href}>{plural(all, "failed run")}</a>}
    >
      {hidden
        ? <p class="quiet">The chosen states leave failures out.</p>
        : groups.length === 0
        ? <Empty title="Nothing failed in this time." />
        : (
          <>
            <Groups groups={groups.slice(0, FIRST)} most={most} label="Failures by error" />
            {groups.length <= FIRST ? null : (
              <details class="overview-failure-more">
                <summary>{plural(groups.length - FIRST, "more error")}</summary>
                <Groups groups={groups.slice(FIRST)} most={most} label="Less frequent failures by error" />
              </details>
            )}
            {looked_at >= all
              ? null
              : <p class="hint">Of {count(all)} failures, the latest {count(looked_at)} are grouped.</p>}
          </>
        )}
    </Card>
  );
}

const Groups = ({ groups, most, label }: { groups: readonly FailureGroup[]; most: number; label: string }) => (
  <ul class="overview-failures" aria-label={label}>
    {groups.map((group) => <Group key={`${group.state_type} ${group.error}`} group={group} most={most} />)}
  </ul>
);

function Group(
  { group: { error, state_type, count: times, flows, flow_count, latest }, most }: {
    group: FailureGroup;
    most: number;
  },
) {
  const lines = (latest.message ?? "").trim();
  return (
    <li class="overview-failure-group">
      <div class="overview-failure-count">
        <span class="overview-failure-number">{count(times)}</span>
        <span
          class={`overview-failure-bar state-${state_type.toLowerCase()}`}
          style={{ width: `${Math.max(4, 100 * times / most)}%` }}
        />
      </div>
      <div class="failure-what">
        <p class="overview-failure-error">{error === "" ? <span class="quiet">no message</span> : error}</p>
        <div class="overview-failure-flows">
          <StateBadge type={state_type} name={state_type === "FAILED" ? "Failed" : "Crashed"} />
          {flows.map(({ id, name }) => <a key={id} href={`/flows/${id}`}>{name}</a>)}
          {flow_count > flows.length
            ? <span class="quiet">and {plural(flow_count - flows.length, "more flow")}</span>
            : null}
          {lines === "" || lines === error ? null : (
            <details class="overview-failure-sample">
              <summary>In full</summary>
              <pre>{lines}</pre>
            </details>
          )}
        </div>
      </div>
      <p class="overview-failure-latest">
        <span class="quiet">latest</span> <a href={`/flow-runs/${latest.id}`}>{latest.name}</a> <Time at={latest.at} />
      </p>
    </li>
  );
}
