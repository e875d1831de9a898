/**
 * Addresses of pages, for people.
 *
 * @module
 */

/** Where a server answers unless it is told otherwise. */
const USUAL = "http://127.0.0.1:4200";

/** What {@link pageOf} has to know of an API in use. */
export interface PageFacts {
  mode: string;
  /** Where the page is when it has a port of its own. */
  pageUrl?: string;
}

/**
 * The address of the page that belongs to an API, without trailing slash. An API in this process has none; as soon as a server is
 * started on its home, the usual address is right.
 *
 * @example
 * ```ts
 * import { pageOf } from "./page.ts";
 *
 * console.assert(pageOf("https://flows.example/api", { mode: "remote" }) === "https://flows.example");
 * ```
 */
export const pageOf = (apiUrl: string, { mode, pageUrl }: PageFacts): string =>
  pageUrl !== undefined
    ? pageUrl
    : mode === "ephemeral" || !/^https?:/.test(apiUrl)
    ? USUAL
    : apiUrl.replace(/\/(api\/?)?$/, "");

/** The page of a flow. */
export const flowPage = (page: string, flowId: string): string => `${page}/default/flow/${flowId}`;

/** The page of a flow run. */
export const flowRunPage = (page: string, flowRunId: string): string => `${page}/default/flow-run/${flowRunId}`;
