/**
 * The files that `flowctl init` writes.
 *
 * @module
 */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The flow file of the first deployment. */
export const EXAMPLE = `import { DeploymentSpec, DockerFlowRunner, flow } from "flowctl";

const myFlow = flow("my-flow", () => {
  console.log("Hello from Docker!");
});

new DeploymentSpec({ name: "example", flow: myFlow, flowRunner: new DockerFlowRunner() });
`;

/** Writes what is not there yet, and says what it did, one line for each file. */
export function writeExample(dir: string, cwd: string): string[] {
  const files: [path: string, text: string][] = [["example-deployment.ts", EXAMPLE]];
  return files.map(([name, text]) => {
    const path = join(resolve(cwd, dir), name);
    if (existsSync(path)) return `Kept ${join(dir, name)}: it exists already`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return `Wrote ${join(dir, name)}`;
  });
}
