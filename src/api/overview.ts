/**
 * The overview: one answer for one view. Ours.
 *
 * @module
 */

import { agentStatus } from "../domain/agents.ts";
import { MOST_FAILURES, Overview, OverviewQuery } from "../domain/overview.ts";
import { LATE_AFTER_SECONDS } from "../orchestration/mark_late.ts";
import { listAgents } from "../store/agents.ts";
import { agentLoads, countByState, firstSteps, groupFailures, listWaiting, type Span } from "../store/overview.ts";
import { timeText } from "../store/rows.ts";
import { ok, type Route, route } from "./route.ts";

/** See the module's comment. */
export const overviewRoutes: Route[] = [
  route({
    method: "POST",
    path: "/overview",
    tag: "Overview",
    summary: "Tell how runs and agents are doing",
    about:
      `Ours. Runs are counted between \`edges\` by when they were expected to start; of failures the latest ${MOST_FAILURES} are
looked at. Late and upcoming runs are those of now, whatever time is asked about. \`late\` are ${LATE_AFTER_SECONDS} seconds over.`,
    body: OverviewQuery,
    answers: { 200: Overview },
    async handle({ read, body: { edges, ...filters }, now: present }) {
      const now = present();
      const spans = edges.slice(1).map((end, i): Span => [edges[i], end]);
      const whole: Span = [edges[0], edges.at(-1)!];
      const agents = (await listAgents(read)).map((agent) => agentStatus(agent, now));
      const counts = await countByState(read, spans, filters);
      const [previous] = await countByState(read, [before(whole)], filters, ["COMPLETED", "FAILED", "CRASHED"]);
      const due = timeText(now.subtract({ seconds: LATE_AFTER_SECONDS }));
      return ok(
        {
          intervals: spans.map(([start, end], i) => ({ start, end, states: counts[i] })),
          previous,
          failures: await groupFailures(read, whole, filters),
          late: await listWaiting(read, { before: due }, filters, agents),
          upcoming: await listWaiting(read, { after: due }, filters, agents),
          agents: await agentLoads(read, agents),
          begun: { ...await firstSteps(read), agent: agents.some(({ alive }) => alive) },
        } satisfies Overview,
      );
    },
  }),
];

/** The time just before, as long. */
function before([since, until]: Span): Span {
  const from = Temporal.Instant.from(since);
  return [timeText(from.subtract(Temporal.Instant.from(until).since(from))), since];
}
