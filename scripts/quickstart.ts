/**
 * `deno task quickstart`: from a clean clone to a flow that ran in a container, step by step, with what each step took.
 *
 * Everything happens in a throw-away home; at the end it is gone, with the container, and the image if it was made here.
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { compile } from "./lib/compile.ts";
import { type Engine, ensureEngine } from "./lib/engine.ts";
import { endRuns, Program, type Started } from "./lib/program.ts";
import { duration } from "./lib/results.ts";
import { exampleFlow } from "./lib/example.ts";

const steps: { what: string; ms: number }[] = [];
const stop = new AbortController();

/** Runs one step, shows it with its time, and names it when it fails. None begins after Ctrl-C. */
async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  console.log(`\n== ${what}`);
  const started = performance.now();
  try {
    stop.signal.throwIfAborted();
    const result = await work();
    steps.push({ what, ms: performance.now() - started });
    return result;
  } catch (error) {
    throw new Error(`Quickstart failed at "${what}": ${(error as Error).message.trim()}`);
  }
}

async function quickstart(signal: AbortSignal): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-quickstart-"));
  const home = join(folder, "home");
  let engine: Engine | undefined;
  let server: Started | undefined;
  let program: Program | undefined;
  const cleanUp: (() => Promise<void>)[] = [];
  try {
    const { path, bytes } = await step("Compile the binary", () => compile());
    console.log(`${path} (${(bytes / 1e6).toFixed(0)} MB)`);
    program = new Program(path, { FLOWCTL_HOME: home }, folder, signal);

    engine = await step("Look for a Docker Engine", () => ensureEngine({ tell: (line) => console.log(line) }));
    console.log(engine.says);
    const docker = engine.answers;
    if (!docker) console.log("Going on with the subprocess runner: the flow runs in a process instead of a container");

    const file = "example-deployment.ts";
    writeFileSync(join(folder, file), exampleFlow(docker));
    await step(`flowctl deployment create ./${file}`, () => program!.show(["deployment", "create", `./${file}`]));

    server = await step("flowctl orion start", async () => {
      const started = program!.start(["orion", "start", "--port", "0"]);
      await started.until("the server answers", () => readAddress(home) !== undefined);
      return started;
    });
    console.log(`The API and its page answer at ${readAddress(home)}`);
    const imagesBefore = await program.engineImages(engine.endpoint);
    const containers = () => program!.engineContainers(engine!.endpoint, home);
    if (docker) {
      cleanUp.push(async () => {
        for (const { id } of await containers()) await program!.removeContainer(engine!.endpoint, id);
        // By id: one of the same name may have been there, made by another build of the binary.
        for (const [id, name] of await program!.engineImages(engine!.endpoint)) {
          if (!imagesBefore.has(id)) await program!.removeImage(engine!.endpoint, name);
        }
      });
    }

    const watch = ["deployment", "run", "my-flow/example", "--watch"];
    await step(`flowctl ${watch.join(" ")}`, () => program!.show(watch));
    if (docker) {
      const [container] = await step("docker container ls --latest", containers);
      if (container === undefined) throw new Error("Quickstart failed: no container of this run is there");
      console.log(`container ${container.name}, image ${container.image}, ${container.status}`);
    }
    const state = await step("flowctl flow-run ls", () => program!.show(["flow-run", "ls"]));
    if (!state.includes("Completed")) throw new Error("Quickstart failed: the run did not end as Completed");
    await step("Stop the server", async () => {
      const { code } = await server!.stop("SIGTERM");
      if (code !== 0) throw new Error(`it exited with ${code}`);
    });
  } finally {
    const url = readAddress(home);
    if (server !== undefined && url !== undefined) await endRuns(url);
    await server?.stop("SIGTERM");
    for (const work of cleanUp) await work().catch((error) => console.error(`Cannot clean up: ${error.message}`));
    await program?.stopAll();
    await engine?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  console.log("\nThe flow ran. What each step took:");
  for (const { what, ms } of steps) console.log(`  ${duration(ms).padStart(8)}  ${what}`);
}

/** The server's address, once it is ready. */
function readAddress(home: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(home, "server.json"), "utf8")).url;
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  // On and not once: `deno task` passes Ctrl-C on, so it comes twice, and the second one must not cut the cleaning up.
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));
  }
  try {
    await quickstart(stop.signal);
  } catch (error) {
    console.error(`\n${(error as Error).message}`);
    process.exitCode = 1;
  }
}
