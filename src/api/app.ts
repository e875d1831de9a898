/**
 * The API as an app: its table of contents, and what happens to every request.
 *
 * @module
 */

import { type Context, Hono } from "hono";
import { FlowctlError } from "../support/errors.ts";
import type { Assets } from "../ui/assets.ts";
import { ASSETS_PATH } from "../ui/head.ts";
import { adminRoutes } from "./admin.ts";
import { agentRoutes } from "./agents.ts";
import { attemptRoutes } from "./attempts.ts";
import { agentViewRoutes } from "./agent_views.ts";
import { type Auth, bearsToken, checkAccess, checkStillGood, createAuth, type Identity, type Peer } from "./auth.ts";
import { binaryRoutes } from "./binaries.ts";
import { bundleRoutes } from "./bundles.ts";
import { deploymentScheduleRoutes } from "./deployment_schedules.ts";
import { deploymentRoutes } from "./deployments.ts";
import { deploymentViewRoutes } from "./deployment_views.ts";
import { errorAnswer, jsonAnswer } from "./errors.ts";
import { eventRoutes } from "./events.ts";
import { flowRunPageRoutes } from "./flow_run_pages.ts";
import { flowRunLogRoutes } from "./flow_run_logs.ts";
import { flowRunRoutes } from "./flow_runs.ts";
import { flowRoutes } from "./flows.ts";
import { flowVersionRoutes } from "./flow_versions.ts";
import { flowViewRoutes } from "./flow_views.ts";
import { labelWarningRoutes } from "./label_warnings.ts";
import { logRoutes } from "./logs.ts";
import { overviewRoutes } from "./overview.ts";
import { projectRoutes } from "./projects.ts";
import { registrationRoutes } from "./registrations.ts";
import { registryLoginRoutes } from "./registry_logins.ts";
import { checkVersion, readBody, readParams, readQuery } from "./request.ts";
import type { ApiParts, Call, Route } from "./route.ts";
import { runViewRoutes } from "./run_views.ts";
import { fenced, outOfScope } from "./run_scope.ts";
import { searchRoutes } from "./search.ts";
import { secretRoutes } from "./secrets.ts";
import { serverInfoRoutes } from "./server_info.ts";
import { stateRoutes } from "./states.ts";
import type { Sessions } from "./sessions.ts";
import { signInPages } from "./sign_in.ts";
import { taskRunRoutes } from "./task_runs.ts";
import { timelineRoutes } from "./timelines.ts";
import { tokenRoutes } from "./tokens.ts";

/** All operations under `/api`. */
export const ROUTES: readonly Route[] = [
  ...adminRoutes,
  ...serverInfoRoutes,
  ...projectRoutes,
  ...flowRoutes,
  ...flowVersionRoutes,
  ...flowViewRoutes,
  ...flowRunRoutes,
  ...flowRunPageRoutes,
  ...labelWarningRoutes,
  ...taskRunRoutes,
  ...timelineRoutes,
  ...stateRoutes,
  ...deploymentRoutes,
  ...deploymentScheduleRoutes,
  ...deploymentViewRoutes,
  ...registrationRoutes,
  ...logRoutes,
  ...flowRunLogRoutes,
  ...eventRoutes,
  ...searchRoutes,
  ...overviewRoutes,
  ...bundleRoutes,
  ...binaryRoutes,
  ...agentRoutes,
  ...attemptRoutes,
  ...runViewRoutes,
  ...agentViewRoutes,
  ...tokenRoutes,
  ...secretRoutes,
  ...registryLoginRoutes,
];

/** Answers pages; undefined for what is none. */
export type PageHandler = (request: Request) => Promise<Response | undefined>;

/** The API and what is beside it; see {@link createApi}. */
export interface Api {
  /** @param peer The other end of the connection; without it the request comes from within this process and is trusted. */
  fetch(request: Request, peer?: Peer): Promise<Response>;
}

/** What is known of a request before its route. */
type Env = { Bindings: { identity: Identity } };

/**
 * Makes the app. It serves `/api/…`, `/openapi.json`, `/docs` and `/ui-settings`, and hands other paths to `page`.
 *
 * @param options.page Answers what is not the API's, e.g. the pages of `src/ui`; without it those paths are 404.
 * @param options.asset Answers files that pages are made of, to everybody: the page to sign in is made of them too.
 * @param options.assets The files that the page to sign in names.
 * @param options.auth Says who asks; by default everybody on loopback is trusted.
 */
export function createApi(
  parts: ApiParts & {
    page?: PageHandler;
    asset?: PageHandler;
    assets?: () => Promise<Assets>;
    auth?: Auth;
    sessions?: Sessions;
  },
): Api {
  const { log, store, clock, sessions } = parts;
  const auth = parts.auth ?? createAuth({ store, clock, loopback: "trust", sessions });
  const app = new Hono<Env>();
  for (const route of ROUTES) app.on(route.method, `/api${honoPath(route.path)}`, handlerOf(route, parts));
  for (const path of ["/openapi.json", "/api/openapi.json"]) {
    app.get(path, async (c) => {
      checkAccess(c.env.identity, "USER");
      return jsonAnswer((await import("./openapi.ts")).openApiDocument(ROUTES, parts.version));
    });
  }
  for (const path of ["/docs", "/api/docs"]) {
    app.get(path, async (c) => {
      checkAccess(c.env.identity, "USER");
      const [{ openApiDocument }, { docsPage }] = await Promise.all([import("./openapi.ts"), import("./docs_page.ts")]);
      return docsPage(openApiDocument(ROUTES, parts.version));
    });
  }
  app.get("/ui-settings", (c) => {
    checkAccess(c.env.identity, "USER");
    return jsonAnswer({ api_url: "/api", csrf_enabled: false, flags: [] });
  });
  app.notFound(async (c) => {
    checkAccess(c.env.identity, "USER");
    return await other(c, parts.page);
  });
  app.onError((error, c) => errorAnswer(error, log, `${c.req.method} ${c.req.path}`));
  const signIn = parts.page === undefined || sessions === undefined
    ? undefined
    : signInPages({ auth, sessions, assets: parts.assets });
  return {
    async fetch(request, peer) {
      const signedIn = await signIn?.(request, peer);
      if (signedIn !== undefined) return signedIn;
      // Asked of every request, so by its text alone.
      const asset = request.url.includes(ASSETS_PATH) ? await parts.asset?.(request) : undefined;
      if (asset !== undefined) return asset;
      let answer: Response;
      try {
        answer = await app.fetch(request, { identity: await auth.identify(request, peer) });
      } catch (error) {
        answer = errorAnswer(error, log, `${request.method} ${new URL(request.url).pathname}`);
      }
      if (answer.status !== 401 || bearsToken(request)) return answer;
      const page = await signIn?.instead(request) ?? answer;
      // A browser whose session is over must not go on showing it: that would be counted against its neighbours, too.
      if (sessions?.find(request.headers) !== undefined) page.headers.append("set-cookie", sessions.noCookie);
      return page;
    },
  };
}

const honoPath = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1");

/** What every request goes through. */
function handlerOf(route: Route, parts: ApiParts): (c: Context<Env>) => Promise<Response> {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
  const { store, clock, random } = parts;
  const now = () => clock.now();
  const given = () => ({ now: clock.now(), random });
  return async (c) => {
    const request = c.req.raw;
    if (!route.ungated) checkVersion(request.headers.get("x-prefect-api-version"));
    const { identity } = c.env;
    checkAccess(identity, route.access ?? "USER");
    const lease = identity.kind === "run" ? identity.lease : undefined;
    const call: Call = {
      params: names.length === 0 ? {} : readParams(names, (name) => c.req.param(name)!),
      query: route.query === undefined ? undefined : readQuery(route.query, request.url),
      body: route.body === undefined ? undefined : await readBody(route, request),
      api: parts,
      read: store.read,
      write: (fn) =>
        store.write(async (tx) => {
          await checkStillGood(tx, identity, now());
          return await fn(tx);
        }),
      given,
      now,
      identity,
      lease,
      request,
      get signal() {
        return request.signal;
      },
    };
    if (lease !== undefined && route.scope !== "allowed") {
      const allowed = typeof route.scope === "function" && await route.scope(call, lease);
      if (!allowed) throw outOfScope();
    }
    if (identity.kind === "run" && identity.hasEnded && route.access !== "OPEN" && !route.afterEnd) throw fenced();
    return await route.handle(call);
  };
}

/** Patterns of the API's paths, with what they allow; made when the first unknown path is asked for. */
let patterns: { pattern: RegExp; method: string }[] | undefined;

const methodsOf = (path: string): string[] => {
  patterns ??= ROUTES.map(({ path, method }) => ({
    pattern: new RegExp(`^/api${path.replace(/\{\w+\}/g, "[^/]+")}$`),
    method,
  }));
  return patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
};

/** Unknown paths: Prefect's redirect to the path with or without slash, its 405, its 404; or a page. */
async function other(c: Context<Env>, page?: PageHandler): Promise<Response> {
  const { path, method } = c.req;
  if (path.startsWith("/api/") || path === "/api") {
    const methods = methodsOf(path);
    if (methods.length > 0) return jsonAnswer({ detail: "Method Not Allowed" }, 405, { allow: methods.join(", ") });
    const turned = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
    if (methodsOf(turned).length > 0) {
      return new Response(null, { status: 307, headers: { location: turned + new URL(c.req.url).search } });
    }
    return jsonAnswer({ detail: "Not Found" }, 404);
  }
  const answer = method === "GET" || method === "HEAD" ? await page?.(c.req.raw) : undefined;
  if (answer !== undefined) return answer;
  throw new FlowctlError(
    "not_found",
    page === undefined
      ? "Cannot show page: this server was started without pages"
      : "Cannot find page: nothing has that address",
    { hint: "The API is under /api, its description under /docs" },
  );
}
