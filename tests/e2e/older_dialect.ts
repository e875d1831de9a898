/**
 * Flow files and projects for tests of the older dialect.
 *
 * @module
 */

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

/** Makes a project. */
export const makeProject = async (world: World, name: string): Promise<void> =>
  void await world.ok(["create", "project", name]);

/** An id as it is printed. */
export const ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
