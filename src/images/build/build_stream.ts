/**
 * One build in the engine: its output line by line, the failing step with its own words, and nothing left of a build that failed.
 *
 * The classic builder removes a failed step's container itself (`forcerm`), but not the images of the steps before it.
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import type { BuildOptions } from "../../docker/images.ts";
import { systemClock } from "../../support/clock.ts";
import { type ErrorCode, FlowctlError, isFlowctlError } from "../../support/errors.ts";
import { harmless, truncate } from "../../support/text.ts";

/** See {@link runBuild}. */
export interface RunBuildOptions {
  docker: Docker;
  context: ReadableStream<Uint8Array>;
  /** What is built, for messages. */
  name: string;
  options: BuildOptions;
  print: (line: string) => void;
  signal?: AbortSignal;
}

/** What a build made. */
export interface BuiltImage {
  id: string;
  /** Ids of images that this build made and that were not there before, first ones first. */
  made: string[];
}

/**
 * Builds an image.
 *
 * @throws {FlowctlError} `user_code` for a step that failed, with what it said; `cancelled`; of the engine
 */
export async function runBuild(
  { docker, context, name, options, print, signal }: RunBuildOptions,
): Promise<BuiltImage> {
  const follower = new BuildFollower(print);
  let id: string | undefined;
  try {
    for await (const event of docker.buildImage(context, { ...options, signal })) {
      if (event.aux?.ID !== undefined) id = event.aux.ID;
      if (event.stream !== undefined) follower.take(event.stream);
      // Pulls of base images that only the engine knows.
      else if (event.status !== undefined && event.progressDetail?.current === undefined) {
        follower.take(`${event.id === undefined ? "" : `${event.id}: `}${event.status}\n`);
      }
    }
    follower.end();
    id ??= follower.builtId;
    if (id === undefined) {
      throw new FlowctlError("unavailable", `Cannot build image "${name}": the engine told no result`);
    }
    return { id, made: follower.made };
  } catch (error) {
    follower.end();
    await removeMade(docker, follower.made);
    throw stepError(error, name, follower);
  }
}

const ENDING_LOOKS = 150;
const ENDING_MS = 100;

/** Takes away what a build made, newest first; what has a name or is used stays. */
export async function removeMade(docker: Docker, made: readonly string[]): Promise<void> {
  if (made.length === 0) return;
  // A build that was stopped goes on for a moment: the engine first ends what its step has started.
  const filters = { ancestor: [made.at(-1)!] };
  for (let n = 0; n < ENDING_LOOKS; n++) {
    if ((await docker.listContainers({ all: true, filters }).catch(() => [])).length === 0) break;
    await systemClock.sleep(ENDING_MS);
  }
  // A step that was being written down while the build was stopped is known by its parent only.
  const children = await docker.listImages({ all: true }).catch(() => []);
  const late = children.filter(({ ParentId, RepoTags }) =>
    made.some((id) => String(ParentId).replace(/^sha256:/, "").startsWith(id)) && !hasName(RepoTags)
  ).map(({ Id }) => Id.replace(/^sha256:/, ""));
  for (const id of [...late, ...made.toReversed()]) {
    const image = docker.getImage(id);
    try {
      // Parents that this build found may be in use by another one just now.
      if (!hasName((await image.inspect()).RepoTags)) await image.remove({ noprune: true });
    } catch {
      // Gone with a later one, or in use by somebody else's build.
    }
  }
}

const hasName = (tags: string[] | null | undefined): boolean => (tags ?? []).some((tag) => !tag.startsWith("<none>"));

/** Reads the output of the classic builder, and of Podman's. */
export class BuildFollower {
  readonly made: string[] = [];
  /** The id in `Successfully built …`. */
  builtId: string | undefined;
  /** `2/5 : RUN make`. */
  step: string | undefined;
  readonly #print: (line: string) => void;
  #rest = "";
  #isCached = false;
  #isRunning = false;
  #said: string[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** What the present step printed, last lines only. */
  get said(): readonly string[] {
    return this.#said;
  }

  /** Takes output; lines may come in pieces. */
  take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop()!;
    // Something that draws a bar and never ends a line.
    if (this.#rest.length > 64_000) {
      lines.push(this.#rest);
      this.#rest = "";
    }
    for (const line of lines) this.#line(line);
  }

  /** Takes what has no line end. */
  end(): void {
    if (this.#rest !== "") this.#line(this.#rest);
    this.#rest = "";
  }

  #line(raw: string): void {
    // What a terminal would show of a line that overwrites itself.
    const line = harmless(raw.replace(/\r+$/, "").split("\r").at(-1)!).trimEnd();
    if (line === "") return;
    const step = /^STEP (\d+\/\d+) ?: (.*)$/i.exec(line);
    const id = /^ ?(?:--->|-->) (?:([0-9a-f]{12,64})|Using cache(?: ([0-9a-f]{12,64}))?|Running in .*)$/.exec(line);
    if (step !== null) {
      this.step = `${step[1]} : ${step[2]}`;
      this.#said = [];
      this.#isCached = this.#isRunning = false;
    } else if (/^ ---> Running in /.test(line)) this.#isRunning = true;
    else if (/^ ?-+> Using cache/.test(line)) this.#isCached = true;
    else if (id?.[1] !== undefined) {
      if (!this.#isCached && !/ : FROM /i.test(this.step ?? "")) this.made.push(id[1]);
      this.#isCached = false;
      this.#isRunning = false;
    } else if (/^Successfully built ([0-9a-f]+)$/.test(line)) {
      this.builtId = line.split(" ").at(-1);
      // Said when the image is checked, and has its name.
      return;
    } else if (/^Successfully tagged flowctl-build\//.test(line)) return;
    else if (this.#isRunning && !/^Removing intermediate container/.test(line)) {
      this.#said.push(line);
      if (this.#said.length > 50) this.#said.shift();
    }
    this.#print(line);
  }
}

function stepError(error: unknown, name: string, { step, said }: BuildFollower): unknown {
  if (!isFlowctlError(error) || typeof error.details.engineMessage !== "string") return error;
  const says = harmless(error.details.engineMessage).trim();
  const exit = /returned a non-zero code: (\d+)/.exec(says)?.[1] ?? /exit status (\d+)/.exec(says)?.[1];
  const [, number, text] = /^(\d+\/\d+) : (.*)$/s.exec(step ?? "") ?? [];
  const where = number === undefined ? "" : `step ${number} "${truncate(text, 200)}" `;
  const words = exit === undefined ? `"${truncate(says, 600)}"` : ownWords(said);
  const how = exit === undefined ? `${where === "" ? "the engine says" : "failed:"} ` : `ended with exit code ${exit}`;
  const what = exit === undefined ? `${how}${words}` : `${how}${words === "" ? "" : `: ${words}`}`;
  const isShell = /exec: "\/bin\/sh"|\/bin\/sh: no such file|stat \/bin\/sh/.test(says);
  const code: ErrorCode = error.code === "invalid" || exit !== undefined ? "user_code" : error.code;
  return new FlowctlError(code, `Cannot build image "${name}": ${where}${what}`, {
    hint: isShell
      ? "The image that is built upon has no shell, as flowctl's own: name one that has with baseImage or dockerfile"
      : error.hint,
    cause: said.length === 0 ? error : new Error(said.join("\n"), { cause: error }),
    details: { ...error.details, step, output: [...said] },
  });
}

/** Lines that say what went wrong, before those that say that something did. */
const REASON = /\berr(or)?\b|cannot|can't|not found|no such|denied|fatal|unable|undefined|missing|failed/i;

/** What a failing step said of its failure: the first lines that look like a reason and the last such line, else its last line. */
function ownWords(said: readonly string[]): string {
  const trimmed = said.map((line) => line.trim());
  const reasons = trimmed.filter((line) => REASON.test(line));
  const lines = [...new Set(reasons.length === 0 ? trimmed.slice(-1) : [...reasons.slice(0, 3), reasons.at(-1)!])];
  return lines.length === 0 ? "" : `"${truncate(lines.join("; "), 800)}"`;
}
