/**
 * Flow files and projects for tests of the older dialect.
 *
 * @module
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../src/store/database.ts";
import { ensureProject } from "../../src/store/projects.ts";
import { systemClock } from "../../src/support/clock.ts";
import type { World } from "./support.ts";

/** The flow of the seed, without an image of its own. */
export const DOCKER_1 = `import { flow, task } from "flowctl";

const sayHello = task("say_hello", () => console.log("Hello, docker_1!"));
const docker1 = flow("docker_1_flow", async () => await sayHello(), { labels: ["docker_flows"] });
if (import.meta.main) await docker1.register({ project: "docker_1_project" });
`;

/** The same for the subprocess runner, which needs no engine; `options` and `body` are put in. */
export const localFlow = (name: string, { options = "", body = "", end = "" } = {}): string =>
  `import { cron, flow, SubprocessFlowRunner, task } from "flowctl";
const say = task("say_hello", (text: string) => console.log(text));
const f = flow(${JSON.stringify(name)}, async (parameters: Record<string, unknown>, { run }) => {
  await say("Hello, " + JSON.stringify(parameters) + JSON.stringify(run.context));
  ${body}
}, { flowRunner: new SubprocessFlowRunner(), ${options} });
${end}
`;

/** Makes a project in the database of a world's home. */
export async function makeProject(world: World, name: string): Promise<void> {
  mkdirSync(world.home, { recursive: true, mode: 0o700 });
  const store = await openStore({ path: join(world.home, "flowctl.db"), clock: systemClock });
  try {
    await store.write((tx) => ensureProject(tx, name, systemClock.now()));
  } finally {
    await store.close();
  }
}

/** An id as it is printed. */
export const ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
