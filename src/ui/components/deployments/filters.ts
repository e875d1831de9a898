/**
 * What the list of deployments is narrowed to, and the address that says so. Pure.
 *
 * @module
 */

import type { DeploymentPageQuery } from "../../../domain/deployment_views.ts";

/** Empty texts narrow nothing. */
export interface DeploymentFilters {
  text: string;
  project: string;
  /** `paused`, `on`, or empty. */
  state: string;
  /** Between commas. */
  tag: string;
  /** Where the page begins: `id name`, or empty. */
  after: string;
}

const KEYS = ["text", "project", "state", "tag", "after"] as const;

/** Reads an address's query. */
export const filtersOf = (query: Record<string, string>): DeploymentFilters =>
  Object.fromEntries(KEYS.map((key) => [key, query[key] ?? ""])) as unknown as DeploymentFilters;

/** The address of the list. */
export function addressOf(filters: Partial<DeploymentFilters>): string {
  const given = KEYS.filter((key) => (filters[key] ?? "") !== "").map((key) => [key, filters[key]!]);
  return given.length === 0 ? "/deployments" : `/deployments?${new URLSearchParams(given)}`;
}

/** What the API is asked. */
export function queryOf({ text, project, state, tag, after }: DeploymentFilters): DeploymentPageQuery {
  const tags = tag.split(",").map((one) => one.trim()).filter(Boolean);
  const [, id, name] = /^([0-9a-f-]{36}) ([^]*)$/.exec(after) ?? [];
  return {
    ...text.trim() === "" ? {} : { text: text.trim() },
    ...project === "" ? {} : { project },
    ...state === "paused" || state === "on" ? { paused: state === "paused" } : {},
    ...tags.length === 0 ? {} : { tags },
    ...id === undefined ? {} : { after: { id, name } },
  };
}
