/**
 * Which rows a timeline has: sorted, filtered, grouped, and without what is folded away. Pure.
 *
 * @module
 */

import type { StateType } from "../../../domain/state_types.ts";
import type { TimelineFlowRun } from "../../../domain/timelines.ts";
import { countStates, subFlowRuns, type TaskRow, type TimelineModel } from "./model.ts";

/** How rows are ordered: each by its beginning, or the runs of a task together. */
export type Order = "start" | "task";

/** What is chosen to be seen. */
export interface RowChoice {
  order: Order;
  /** Part of a name or key, in any case. */
  text: string;
  /** Only these; empty is all. */
  states: ReadonlySet<StateType | "NONE">;
  /** Ids of task runs whose sub-flow is unfolded, and keys of unfolded groups; see {@link groupId}. */
  unfolded: ReadonlySet<string>;
}

/** A line of the timeline. */
export interface TimelineRow {
  /** The task run's id, or {@link groupId}. */
  id: string;
  /** 0 for tasks of the run itself. */
  depth: number;
  /** Undefined for a group. */
  task?: TaskRow;
  /** The run that the task run stands for. */
  sub?: TimelineFlowRun;
  group?: TaskGroup;
  /** Undefined when there is nothing to unfold. */
  isUnfolded?: boolean;
}

/** The runs of one task. */
export interface TaskGroup {
  taskKey: string;
  tasks: readonly TaskRow[];
  counts: ReadonlyMap<StateType | "NONE", number>;
  start: number | null;
  /** Null while one is not over. */
  end: number | null;
}

/** How a group of runs is meant in {@link RowChoice.unfolded}. */
export const groupId = (flowRunId: string, taskKey: string): string => `${flowRunId} ${taskKey}`;

/** When a task run came into sight: its beginning, or what was meant to be it. */
export const beginning = (task: TaskRow): number => task.start ?? task.expected ?? Infinity;

const byBeginning = (a: TaskRow, b: TaskRow): number => {
  const [one, other] = [beginning(a), beginning(b)];
  // The difference of two infinities is no number.
  return one === other ? (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) : one - other;
};

/** The tasks of each flow run, in the order of their beginnings. */
export function tasksByRun(model: TimelineModel): Map<string, TaskRow[]> {
  const found = new Map<string, TaskRow[]>();
  for (const task of model.tasks.values()) {
    const list = found.get(task.flowRunId);
    if (list === undefined) found.set(task.flowRunId, [task]);
    else list.push(task);
  }
  for (const list of found.values()) list.sort(byBeginning);
  return found;
}

/** A name for the runs of a task: what theirs have in common, else the key without the hash that some have at its end. */
export function groupName({ taskKey, tasks }: Pick<TaskGroup, "taskKey" | "tasks">): string {
  let common = tasks[0]?.name ?? taskKey;
  for (const { name } of tasks) while (!name.startsWith(common)) common = common.slice(0, -1);
  const trimmed = common.replace(/[-_\s.]*\d*$/, "");
  return trimmed.length >= 2 ? trimmed : taskKey.replace(/^.*\./, "").replace(/-[0-9a-f]{8}$/, "");
}

/** The rows of a timeline. */
export function rowsOf(model: TimelineModel, choice: RowChoice): TimelineRow[] {
  const byRun = tasksByRun(model);
  const subs = subFlowRuns(model);
  const text = choice.text.trim().toLowerCase();
  const isFiltering = text !== "" || choice.states.size > 0;
  const matches = (task: TaskRow) =>
    (choice.states.size === 0 || choice.states.has(task.type ?? "NONE")) &&
    (text === "" || task.name.toLowerCase().includes(text) || task.taskKey.toLowerCase().includes(text) ||
      (subs.get(task.id)?.name.toLowerCase().includes(text) ?? false));
  const rows: TimelineRow[] = [];

  /** Adds a task's row and what is below it; says whether anything of it was to be seen. */
  const add = (task: TaskRow, depth: number): boolean => {
    const sub = subs.get(task.id);
    const below = sub === undefined ? undefined : byRun.get(sub.id);
    const row: TimelineRow = { id: task.id, depth, task, sub };
    const place = rows.push(row) - 1;
    let isSeen = !isFiltering || matches(task);
    if (below !== undefined) {
      // What is looked for is found also in what is folded.
      row.isUnfolded = choice.unfolded.has(task.id) || (isFiltering && !isSeen);
      if (row.isUnfolded && level(below, sub!.id, depth + 1)) isSeen = true;
    }
    if (!isSeen) rows.length = place;
    return isSeen;
  };

  const level = (tasks: readonly TaskRow[], flowRunId: string, depth: number): boolean => {
    let isSeen = false;
    if (choice.order === "start") {
      for (const task of tasks) if (add(task, depth)) isSeen = true;
      return isSeen;
    }
    for (const [taskKey, members] of byKey(tasks)) {
      if (members.length === 1) {
        if (add(members[0], depth)) isSeen = true;
        continue;
      }
      const seen = isFiltering ? members.filter((task) => matches(task) || subs.has(task.id)) : members;
      if (seen.length === 0) continue;
      const id = groupId(flowRunId, taskKey);
      const isUnfolded = choice.unfolded.has(id);
      rows.push({ id, depth, group: groupOf(taskKey, seen), isUnfolded });
      isSeen = true;
      if (isUnfolded) { for (const task of seen) add(task, depth + 1); }
    }
    return isSeen;
  };

  level(byRun.get(model.flowRunId) ?? [], model.flowRunId, 0);
  return rows;
}

/** The tasks of each key, in the order that keys appear in. */
export function byKey(tasks: Iterable<TaskRow>): Map<string, TaskRow[]> {
  const found = new Map<string, TaskRow[]>();
  for (const task of tasks) {
    const list = found.get(task.taskKey);
    if (list === undefined) found.set(task.taskKey, [task]);
    else list.push(task);
  }
  return found;
}

function groupOf(taskKey: string, tasks: readonly TaskRow[]): TaskGroup {
  let start = Infinity;
  let end: number | null = -Infinity;
  for (const task of tasks) {
    if (task.start !== null) start = Math.min(start, task.start);
    if (end !== null) end = task.end === null ? null : Math.max(end, task.end);
  }
  return { taskKey, tasks, counts: countStates(tasks), start: start === Infinity ? null : start, end };
}

/** Everything that can be unfolded. */
export function allFolds(model: TimelineModel, order: Order): Set<string> {
  const found = new Set<string>();
  for (const id of subFlowRuns(model).keys()) found.add(id);
  if (order === "task") {
    for (const task of model.tasks.values()) found.add(groupId(task.flowRunId, task.taskKey));
  }
  return found;
}

/**
 * The chain that determined the end: the task of the run itself that ended last, what it took that ended last, and so on.
 *
 * @returns Ids, from the end to the beginning.
 */
export function criticalPath(model: TimelineModel): string[] {
  const later = (a: TaskRow | undefined, b: TaskRow | undefined) =>
    a === undefined || (b !== undefined && (b.end ?? Infinity) > (a.end ?? Infinity)) ? b : a;
  let last: TaskRow | undefined;
  for (const task of model.tasks.values()) {
    if (task.flowRunId === model.flowRunId && task.start !== null) last = later(last, task);
  }
  const path: string[] = [];
  const seen = new Set<string>();
  while (last !== undefined && !seen.has(last.id)) {
    seen.add(last.id);
    path.push(last.id);
    last = last.upstream.map((id) => model.tasks.get(id)).reduce(later, undefined);
  }
  return path;
}

/** The ids of the critical path, and of the groups that its tasks are in. */
export function pathWithGroups(model: TimelineModel): Set<string> {
  const ids = criticalPath(model);
  const tasks = ids.map((id) => model.tasks.get(id)!);
  return new Set([...ids, ...tasks.map(({ flowRunId, taskKey }) => groupId(flowRunId, taskKey))]);
}
