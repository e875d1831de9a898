/**
 * The time that the overview is about. Pure.
 *
 * @module
 */

import type { OverviewQueryInput } from "../../domain/overview.ts";
import { edgesOf } from "../charts/intervals.ts";
import { filterBody, LASTS, type RunFilters, timesOf } from "../filters.ts";

/** How far back the overview looks when the address does not say. */
const USUAL = { last: "24h" } as const;

/** The filters with the time that is shown: an address without one means {@link USUAL}. */
export const shownFilters = (filters: RunFilters): RunFilters => ({ ...filters, time: filters.time ?? USUAL });

/** From when to when, in milliseconds: what the address leaves open ends now, or begins a week earlier. */
export function windowOf(filters: RunFilters, now: number): { from: number; to: number } {
  const { from, to } = timesOf(shownFilters(filters), now);
  if (from !== undefined) return { from, to: Math.max(from + 1000, to ?? now) };
  return { from: to! - LASTS["7d"], to: to! };
}

/**
 * What the API is asked. States and time are left out of the filters: which states are drawn is chosen here, so that the success rate
 * is the same whichever are, and late and upcoming runs are those of now.
 */
export function overviewQuery(filters: RunFilters, now: number): OverviewQueryInput {
  const { flows, flow_runs, deployments } = filterBody({ ...filters, states: [], time: undefined }, now);
  const { from, to } = windowOf(filters, now);
  return { flows, flow_runs, deployments, edges: edgesOf(from, to).map((edge) => new Date(edge).toISOString()) };
}

/** The time in words, e.g. for a title: `last 24 hours`; undefined for one from a moment to another. */
export function windowWords({ time = USUAL }: RunFilters): string | undefined {
  if (!("last" in time)) return undefined;
  return { "1h": "last hour", "24h": "last 24 hours", "7d": "last 7 days", "30d": "last 30 days" }[time.last];
}
