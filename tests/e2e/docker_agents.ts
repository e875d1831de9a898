/**
 * What tests of Docker agents share.
 *
 * @module
 */

import { dockerFlow, type Running, type World } from "./support.ts";

/** The time at the beginning of a line of the console. */
export const LINE: string = String.raw`\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+0000\] `;

/** A flow file with one Docker deployment `NAME/d` that has labels. */
export const labelled = (name: string, labels: string[], body = `  console.log("ran");`): string =>
  dockerFlow(name, body, "", `import process from "node:process";`).replace(
    `name: "d",`,
    `name: "d", labels: ${JSON.stringify(labels)},`,
  );

/** Creates the deployments of a file. */
export async function deploy(world: World, name: string, text: string): Promise<void> {
  world.file(`${name}.ts`, text);
  await world.ok(["deployment", "create", `./${name}.ts`]);
}

/** Resolves when a Docker agent takes runs. */
export const waits = (agent: Running) => agent.prints(/Waiting for flow runs\.\.\./);
