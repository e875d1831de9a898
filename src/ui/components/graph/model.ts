/**
 * The data flow of a run as nodes and edges: few enough to be read, however many task runs there are. Pure.
 *
 * @module
 */

import type { StateType } from "../../../domain/state_types.ts";
import type { TimelineFlowRun } from "../../../domain/timelines.ts";
import { countStates, subFlowRuns, type TaskRow, type TimelineModel } from "../timeline/model.ts";
import { beginning, byKey, groupName } from "../timeline/rows.ts";

/** Up to so many task runs each is a node of its own. */
export const MOST_PLAIN = 60;
/** So many of an unfolded group are nodes of their own; the others stay one. */
export const MOST_UNFOLDED = 30;
/** More nodes than this are drawn together by how far they are from the beginning. */
export const MOST_NODES = 300;

/** A node: one task run, or several. */
export interface GraphNode {
  /** The task run's id, or one that begins with what the node is. */
  id: string;
  kind: "task" | "group" | "rest" | "wave";
  label: string;
  tasks: readonly TaskRow[];
  counts: ReadonlyMap<StateType | "NONE", number>;
  /** Of a `task`. */
  sub?: TimelineFlowRun;
  /** Of a `group`: what unfolds it. */
  taskKey?: string;
}

/** An arrow between nodes. */
export interface GraphEdge {
  from: string;
  to: string;
  /** How many results go this way. */
  results: number;
}

/** What is drawn. */
export interface DataFlow {
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** Groups that are unfolded. */
  unfolded: { taskKey: string; label: string }[];
}

/** What asks to be looked at first. */
const URGENCY: Partial<Record<StateType, number>> = { FAILED: 0, CRASHED: 0, RUNNING: 1, CANCELLED: 2, PAUSED: 2 };
const urgencyOf = ({ type }: TaskRow) => (type === null ? undefined : URGENCY[type]) ?? 3;

/** The data flow between the tasks of the run itself; a sub-flow run is one node. */
export function dataFlow(model: TimelineModel, unfolded: ReadonlySet<string>): DataFlow {
  const tasks = [...model.tasks.values()].filter(({ flowRunId }) => flowRunId === model.flowRunId);
  const subs = subFlowRuns(model);
  const nodes: GraphNode[] = [];
  const open: DataFlow["unfolded"] = [];
  const single = (task: TaskRow) => {
    const sub = subs.get(task.id);
    nodes.push({ ...several("task", task.id, sub?.name ?? task.name, [task]), sub });
  };
  if (tasks.length <= MOST_PLAIN) tasks.forEach(single);
  else {
    for (const [taskKey, members] of byKey(tasks)) {
      const label = groupName({ taskKey, tasks: members });
      if (members.length === 1) single(members[0]);
      else if (!unfolded.has(taskKey)) nodes.push({ ...several("group", `group ${taskKey}`, label, members), taskKey });
      else {
        open.push({ taskKey, label });
        const sorted = members.toSorted((a, b) => urgencyOf(a) - urgencyOf(b) || beginning(a) - beginning(b) || 0);
        sorted.slice(0, MOST_UNFOLDED).forEach(single);
        const rest = sorted.slice(MOST_UNFOLDED);
        if (rest.length > 0) nodes.push(several("rest", `rest ${taskKey}`, `${label}, the others`, rest));
      }
    }
  }
  const shown = nodes.length > MOST_NODES ? waves(nodes, model) : nodes;
  return { nodes: shown, edges: edgesOf(shown), unfolded: open };
}

const several = (kind: GraphNode["kind"], id: string, label: string, tasks: readonly TaskRow[]): GraphNode => ({
  id,
  kind,
  label,
  tasks,
  counts: countStates(tasks),
});

function edgesOf(nodes: readonly GraphNode[]): GraphEdge[] {
  const nodeOf = new Map(nodes.flatMap(({ id, tasks }) => tasks.map((task) => [task.id, id] as const)));
  const found = new Map<string, GraphEdge>();
  for (const { id: to, tasks } of nodes) {
    for (const { upstream } of tasks) {
      for (const up of upstream) {
        const from = nodeOf.get(up);
        if (from === undefined || from === to) continue;
        const known = found.get(`${from}\n${to}`);
        if (known === undefined) found.set(`${from}\n${to}`, { from, to, results: 1 });
        else known.results++;
      }
    }
  }
  return [...found.values()];
}

/** Very many different tasks: those that are equally far from the beginning become one node. */
function waves(nodes: readonly GraphNode[], model: TimelineModel): GraphNode[] {
  const depths = new Map<string, number>();
  const depthOf = (task: TaskRow): number => {
    // Not by calling itself: a chain may be longer than the stack.
    const path = [task];
    while (path.length > 0) {
      const last = path.at(-1)!;
      const next = last.upstream.map((id) => model.tasks.get(id))
        .find((up) => up !== undefined && !depths.has(up.id) && !path.includes(up));
      if (next !== undefined && path.length < 5_000) path.push(next);
      else {
        depths.set(last.id, 1 + last.upstream.reduce((most, id) => Math.max(most, depths.get(id) ?? -1), -1));
        path.pop();
      }
    }
    return depths.get(task.id)!;
  };
  const byDepth = new Map<number, TaskRow[]>();
  for (const task of nodes.flatMap(({ tasks }) => tasks)) {
    const depth = depths.get(task.id) ?? depthOf(task);
    const list = byDepth.get(depth);
    if (list === undefined) byDepth.set(depth, [task]);
    else list.push(task);
  }
  return [...byDepth].sort(([a], [b]) => a - b).map(([depth, tasks]) =>
    several(
      "wave",
      `wave ${depth}`,
      depth === 0 ? "Tasks that need none" : `Tasks ${depth} step${depth === 1 ? "" : "s"} on`,
      tasks,
    )
  );
}

/** A node with everything that led to it and everything that it led to. */
export function related(id: string, edges: readonly GraphEdge[]): Set<string> {
  const found = new Set([id]);
  for (const [here, there] of [["to", "from"], ["from", "to"]] as const) {
    const next = new Map<string, string[]>();
    for (const edge of edges) {
      const list = next.get(edge[here]);
      if (list === undefined) next.set(edge[here], [edge[there]]);
      else list.push(edge[there]);
    }
    const seen = new Set([id]);
    const left = [id];
    for (let at = left.pop(); at !== undefined; at = left.pop()) {
      for (const other of next.get(at) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        found.add(other);
        left.push(other);
      }
    }
  }
  return found;
}

/** The state that a node is coloured by: the one that asks most to be looked at. */
export function stateOf({ counts }: GraphNode): StateType | "NONE" {
  const order = [
    "FAILED",
    "CRASHED",
    "RUNNING",
    "CANCELLED",
    "PAUSED",
    "CANCELLING",
    "PENDING",
    "SCHEDULED",
    "COMPLETED",
  ] as const;
  return order.find((type) => counts.has(type)) ?? "NONE";
}
