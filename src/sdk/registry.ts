/**
 * Collects what a file defines while it is loaded: its flows and deployments.
 *
 * @module
 */

import { FlowctlError } from "../support/errors.ts";
import { formatPlace, userPlace } from "../support/stacks.ts";
import type { DeploymentSpec } from "./deployment_spec.ts";
import type { Flow } from "./flow.ts";

/** A flow of any type. */
export type AnyFlow = Flow<never, unknown>;

/** What a file defined. */
export interface Defined {
  flows: AnyFlow[];
  deployments: DeploymentSpec[];
  /** Names of tasks, in the order in which they were made. */
  tasks: string[];
}

interface Collection {
  flows: Map<string, { value: AnyFlow; place: string }>;
  deployments: Map<string, { value: DeploymentSpec; place: string }>;
  tasks: Set<string>;
}

/** Tasks of a file that runs as the main module; a program may make tasks without end. */
const tasksOfMain = new Set<string>();
const MOST_TASKS = 1000;

let collection: Collection | undefined;

const here = (): string => {
  const place = userPlace(new Error());
  return place === undefined ? "an unknown place" : formatPlace(place);
};

function add<T>(known: Map<string, { value: T; place: string }>, key: string, value: T, what: string): void {
  const earlier = known.get(key);
  const place = here();
  if (earlier !== undefined) {
    throw new FlowctlError(
      "invalid",
      `Cannot define ${what} twice in one file: it is defined at ${earlier.place} and at ${place}`,
    );
  }
  known.set(key, { value, place });
}

/** Takes a flow, when a file is being loaded. @throws {FlowctlError} `invalid` for a second one of that name */
export function registerFlow(flow: AnyFlow): void {
  if (collection !== undefined) {
    add(collection.flows, `${flow.project ?? ""}/${flow.name}`, flow, `flow "${flow.name}"`);
  }
}

/** Takes a deployment, when a file is being loaded. @throws {FlowctlError} `invalid` for a second one of that flow and name */
export function registerDeployment(spec: DeploymentSpec): void {
  if (collection === undefined) return;
  add(collection.deployments, `${spec.flow.name}/${spec.name}`, spec, `deployment "${spec.flow.name}/${spec.name}"`);
}

/** Takes a task, for the list of what a module defines. */
export function registerTask(name: string): void {
  const tasks = collection?.tasks ?? tasksOfMain;
  if (tasks.size < MOST_TASKS) tasks.add(name);
}

/** The tasks that were made outside of {@link collect}: those of the main module and of what it imports. */
export const tasksMade = (): string[] => [...tasksOfMain];

/** Whether a file is being loaded for what it defines. */
export const isCollecting = (): boolean => collection !== undefined;

/** Loads something and answers what it defined. One at a time. */
export async function collect(load: () => Promise<unknown>): Promise<Defined> {
  if (collection !== undefined) {
    throw new FlowctlError("internal", "Cannot load a file while another one is being loaded");
  }
  const mine: Collection = { flows: new Map(), deployments: new Map(), tasks: new Set() };
  collection = mine;
  try {
    await load();
  } finally {
    collection = undefined;
  }
  return {
    flows: [...mine.flows.values()].map(({ value }) => value),
    deployments: [...mine.deployments.values()].map(({ value }) => value),
    tasks: [...mine.tasks],
  };
}
