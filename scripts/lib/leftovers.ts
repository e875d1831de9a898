/**
 * Finds what a test run left behind: in the Docker Engine, among the processes, and in the folder for temporary files.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { ask, type Endpoint } from "./engine_api.ts";

/** A thing that can be left behind: what it is called, by what identifies it. */
export type Things = Map<string, string>;

/** Everything that flowctl makes in an engine bears a label of this kind. */
const LABEL = "dev.flowctl.";

interface Labelled {
  Labels?: Record<string, string> | null;
}

/**
 * Lists the containers, volumes, networks and images in an engine that bear a label of flowctl.
 *
 * @throws When the engine does not answer
 */
export async function inEngine(endpoint: Endpoint): Promise<Things> {
  const things: Things = new Map();
  const add = (kind: string, id: string, name: string, { Labels }: Labelled) => {
    if (Object.keys(Labels ?? {}).some((label) => label.startsWith(LABEL))) {
      things.set(`${kind} ${id}`, `${kind} ${name}`);
    }
  };
  type Container = Labelled & { Id: string; Names: string[]; State: string };
  for (const found of await ask<Container[]>(endpoint, "/containers/json?all=1")) {
    add("container", found.Id, `${found.Names[0]?.slice(1) ?? found.Id} (${found.State})`, found);
  }
  type Volume = Labelled & { Name: string };
  for (const found of (await ask<{ Volumes: Volume[] | null }>(endpoint, "/volumes")).Volumes ?? []) {
    add("volume", found.Name, found.Name, found);
  }
  for (const found of await ask<(Labelled & { Id: string; Name: string })[]>(endpoint, "/networks")) {
    add("network", found.Id, found.Name, found);
  }
  type Image = Labelled & { Id: string; RepoTags: string[] | null };
  for (const found of await ask<Image[]>(endpoint, "/images/json?all=1")) {
    add("image", found.Id, found.RepoTags?.[0] ?? found.Id, found);
  }
  return things;
}

/** What is there now and was not before. */
export function added(before: Things, now: Things): string[] {
  return [...now].filter(([id]) => !before.has(id)).map(([, name]) => name);
}

/** A process of this machine. */
export interface Process {
  pid: number;
  says: string;
}

/**
 * Lists running processes that have a mark in their environment, as each has that a test started. None on systems without
 * `/proc`.
 *
 * @param mark A piece of environment that only this test run has, for example `FLOWCTL_TEST_RUN=4711`
 */
export function runningProcesses(mark: string): Process[] {
  const found: Process[] = [];
  for (const name of listProcesses()) {
    const file = `/proc/${name}`;
    try {
      if (!readFileSync(`${file}/environ`, "utf8").split("\0").includes(mark)) continue;
      const command = readFileSync(`${file}/cmdline`, "utf8").split("\0").filter(Boolean).join(" ");
      found.push({ pid: Number(name), says: `process ${name}: ${command.slice(0, 200)}` });
    } catch {
      // It ended while it was looked at, or is the kernel's own, or somebody else's.
    }
  }
  return found;
}

function listProcesses(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
