/**
 * The pages and their addresses. A new noun is a file in `pages` and a line here.
 *
 * @module
 */

import type { ComponentType } from "preact";

/** One page. */
export interface PageRoute {
  /** E.g. `/flow-runs/:id`; what follows a colon is handed to the page as a property. */
  path: string;
  /** Its word in the navigation; pages without one are reached by links. */
  nav?: string;
  /** The icon beside that word. */
  icon?: string;
  /** The key that leads there after `g`. */
  key?: string;
  load: () => Promise<{ default: ComponentType<PageProps> }>;
}

/** What every page is given. */
export interface PageProps {
  /** What the address holds in the places of the path's names. */
  params: Record<string, string>;
}

/** In the order of the navigation; the first that matches answers. */
export const ROUTES: readonly PageRoute[] = [
  { path: "/", nav: "Overview", icon: "overview", key: "o", load: () => import("./pages/overview.tsx") },
  { path: "/runs", nav: "Runs", icon: "runs", key: "r", load: () => import("./pages/flow_runs.tsx") },
  { path: "/flow-runs/:id", load: () => import("./pages/flow_run.tsx") },
  { path: "/task-runs/:id", load: () => import("./pages/task_run.tsx") },
  { path: "/flows", nav: "Flows", icon: "flows", key: "f", load: () => import("./pages/flows.tsx") },
  { path: "/flows/:id", load: () => import("./pages/flow.tsx") },
  {
    path: "/deployments",
    nav: "Deployments",
    icon: "deployments",
    key: "d",
    load: () => import("./pages/deployments.tsx"),
  },
  { path: "/deployments/:id", load: () => import("./pages/deployment.tsx") },
  { path: "/agents", nav: "Agents", icon: "agents", key: "a", load: () => import("./pages/agents.tsx") },
  { path: "/agents/:id", load: () => import("./pages/agent.tsx") },
  { path: "/projects", nav: "Projects", icon: "projects", key: "p", load: () => import("./pages/projects.tsx") },
  { path: "/tokens", nav: "Tokens", icon: "tokens", key: "t", load: () => import("./pages/tokens.tsx") },
  { path: "/settings", nav: "Settings", icon: "settings", key: "s", load: () => import("./pages/settings.tsx") },
  { path: "/ui/kit", load: () => import("./pages/kit.tsx") },
  // What Prefect's commands and clients print as addresses.
  { path: "/default/flow/:id", load: () => import("./pages/flow.tsx") },
  { path: "/flow-runs/flow-run/:id", load: () => import("./pages/flow_run.tsx") },
  { path: "/default/flow-run/:id", load: () => import("./pages/flow_run.tsx") },
  { path: "/flow-run/:id", load: () => import("./pages/flow_run.tsx") },
];
