/**
 * Which folder may import which: the levels, the few edges that are forbidden although they point down, and the one door
 * of each library. Pure functions over a list of imports, so that tests can make up forbidden ones.
 *
 * @module
 */

/** The levels, lowest first. A folder imports lower levels only; folders of one level never import each other. */
export const LEVELS: readonly (readonly string[])[] = [
  ["support"],
  ["domain"],
  ["config", "docker", "store", "client", "bundles"],
  ["orchestration", "engine", "images", "ui"],
  ["api", "services", "runners", "sdk"],
  ["agent", "server"],
  ["cli", "mod"],
  ["main.ts"],
];

/** One import: a file of ours, and a file of ours or the name of a package. */
export interface Import {
  /** Importing file, relative to the root. */
  from: string;
  /** Imported file, relative to the root; or a package's name. */
  to: string;
  kind: "file" | "package";
}

/** A forbidden import, with the reason that it is forbidden. */
export interface Problem {
  from: string;
  to: string;
  reason: string;
}

const BY_CLIENT = "it reaches runs through client only, since the server may be on another machine";

/** Edges that point down and are forbidden all the same, as `importer imported`. */
const FORBIDDEN: Record<string, string> = {
  "agent store": BY_CLIENT,
  "agent orchestration": BY_CLIENT,
  "agent services": BY_CLIENT,
  "agent api": BY_CLIENT,
  "runners store": BY_CLIENT,
  "runners orchestration": BY_CLIENT,
  "sdk store": BY_CLIENT,
  "sdk orchestration": BY_CLIENT,
  "engine store": BY_CLIENT,
};

/** The languages of a layer, which any module may import. */
const EVERYWHERE = new Set(["zod", "hono", "kysely"]);

/** Libraries that belong to whole folders instead of one module. */
const FOLDERS_OF: Record<string, string[]> = {
  "@hono/zod-openapi": ["api", "domain"],
  "preact": ["ui"],
  "preact-iso": ["ui"],
  "@preact/signals": ["ui"],
};

/**
 * The part that a file belongs to: `docker` for `src/docker/client.ts`, `main.ts` for itself, and undefined for a file
 * outside the levels.
 */
export function partOf(file: string): string | undefined {
  if (file === "main.ts") return file;
  return /^src\/([^/]+)\/./.exec(file)?.[1];
}

/** A part's level; undefined for a folder that nobody gave one. */
export function levelOf(part: string): number | undefined {
  const level = LEVELS.findIndex((parts) => parts.includes(part));
  return level < 0 ? undefined : level;
}

/** Judges all imports; every problem names the edge and the reason. */
export function checkImports(imports: Import[]): Problem[] {
  return [...imports.flatMap(judgeFile), ...judgeDoors(imports)];
}

function judgeFile({ from, to, kind }: Import): Problem[] {
  const reason = kind === "file" ? reasonAgainst(from, to) : undefined;
  return reason === undefined ? [] : [{ from, to, reason }];
}

function reasonAgainst(from: string, to: string): string | undefined {
  const [importer, imported] = [partOf(from), partOf(to)];
  if (importer === undefined) return `"${from}" is in no folder of src that has a level`;
  if (importer === imported) return undefined;
  const level = levelOf(importer);
  if (level === undefined) return `folder "${importer}" has no level: give it one in scripts/lib/layer_rules.ts`;
  if (imported === undefined) {
    // The version has one home, and it is not in src.
    if (to === "deno.json" && importer === "support") return undefined;
    return `${importer} imports what lies outside src`;
  }
  const below = levelOf(imported);
  if (below === undefined) return `folder "${imported}" has no level: give it one in scripts/lib/layer_rules.ts`;
  if (below > level) return `${importer} is on level ${level} and ${imported} above it, on level ${below}`;
  if (below === level) return `${importer} and ${imported} are both on level ${level}, and siblings never meet`;
  const why = FORBIDDEN[`${importer} ${imported}`];
  return why && `${importer} must not know ${imported}: ${why}`;
}

/** A library that several modules import: each of them but the first is a problem. */
function judgeDoors(imports: Import[]): Problem[] {
  const problems: Problem[] = [];
  for (const [name, modules] of doors(imports)) {
    const folders = FOLDERS_OF[name];
    if (folders) {
      const reason = `only ${folders.map((folder) => `src/${folder}`).join(" and ")} may import it`;
      for (const from of modules) if (!folders.includes(partOf(from) ?? "")) problems.push({ from, to: name, reason });
      continue;
    }
    const [door, ...others] = modules;
    const reason = `a library has one door, and ${door} imports it already`;
    for (const from of others) problems.push({ from, to: name, reason });
  }
  return problems;
}

/** Which modules import each package, sorted; without the languages of a layer. */
export function doors(imports: Import[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const { from, to, kind } of imports) {
    if (kind === "file" || EVERYWHERE.has(to)) continue;
    found.set(to, (found.get(to) ?? new Set()).add(from));
  }
  return new Map([...found].map(([name, modules]) => [name, [...modules].sort()]));
}
