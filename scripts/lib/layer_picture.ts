/**
 * Draws the levels as a picture for `.github/ARCHITECTURE.md`, which renders Mermaid where it is read.
 *
 * @module
 */

import { type Import, levelOf, LEVELS, partOf } from "./layer_rules.ts";

const START = "<!-- layers:start -->";
const END = "<!-- layers:end -->";

/**
 * Draws who imports whom. An arrow that follows from others is left out (cli → store, when cli → server → store is drawn),
 * or there would be a hundred.
 */
export function drawLayers(imports: Import[]): string {
  const below = new Map<string, Set<string>>();
  for (const { from, to, kind } of imports) {
    const [importer, imported] = [partOf(from), partOf(to)];
    if (kind === "package" || importer === undefined || imported === undefined || importer === imported) continue;
    below.set(importer, (below.get(importer) ?? new Set()).add(imported));
  }
  const parts = LEVELS.flat().filter((part) => below.has(part) || [...below.values()].some((set) => set.has(part)));
  const lines = ["```mermaid", "flowchart TB"];
  for (const level of [...LEVELS.keys()].reverse()) {
    const here = parts.filter((part) => levelOf(part) === level).map((part) => `${idOf(part)}["${part}"]`);
    if (here.length > 0) lines.push(`  subgraph level${level}[" "]`, `    ${here.join("\n    ")}`, "  end");
  }
  for (const part of parts.toReversed()) {
    const direct = [...below.get(part) ?? []].filter((to) =>
      levelOf(to) !== undefined && ![...below.get(part)!].some((via) => via !== to && reaches(below, via, to))
    );
    if (direct.length > 0) lines.push(`  ${idOf(part)} --> ${direct.sort().map(idOf).join(" & ")}`);
  }
  lines.push("```");
  return lines.join("\n");
}

/** "end" and dots have a meaning in Mermaid; the names of the parts do not collide without the dot. */
const idOf = (part: string): string => part.replace(".ts", "");

function reaches(below: Map<string, Set<string>>, from: string, to: string, seen = new Set<string>()): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  const next = below.get(from) ?? new Set();
  return next.has(to) || [...next].some((via) => reaches(below, via, to, seen));
}

/**
 * Puts the picture between the two markers of a document.
 *
 * @throws When the document lacks a marker
 */
export function placePicture(document: string, picture: string): string {
  const [start, end] = [document.indexOf(START), document.indexOf(END)];
  if (start < 0 || end < start) {
    throw new Error(`Cannot place the picture of the layers: the document lacks the markers "${START}" and "${END}"`);
  }
  return `${document.slice(0, start + START.length)}\n\n${picture}\n\n${document.slice(end)}`;
}
