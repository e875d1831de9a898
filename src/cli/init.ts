/**
 * The files that `flowctl init` writes.
 *
 * @module
 */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import declarations from "../sdk/flowctl.d.ts.txt" with { type: "text" };

/** The flow file of the first deployment. */
export const EXAMPLE = `import { DeploymentSpec, DockerFlowRunner, flow } from "flowctl";

const myFlow = flow("my-flow", () => {
  console.log("Hello from Docker!");
});

new DeploymentSpec({ name: "example", flow: myFlow, flowRunner: new DockerFlowRunner() });
`;

/** With it TypeScript, and so every editor that speaks it, finds the types of `"flowctl"`. */
const TSCONFIG = `${
  JSON.stringify(
    {
      compilerOptions: {
        target: "esnext",
        module: "esnext",
        moduleResolution: "bundler",
        strict: true,
        noEmit: true,
        allowImportingTsExtensions: true,
        skipLibCheck: true,
      },
      include: ["**/*.ts", "**/*.mts", ".flowctl/flowctl.d.ts"],
    },
    null,
    2,
  )
}\n`;

/**
 * Writes what is not there yet, and says what it did, one line for each file. The types are written anew each time: they are
 * those of this version.
 */
export function writeExample(dir: string, cwd: string): string[] {
  const types = join(".flowctl", "flowctl.d.ts");
  const files: [path: string, text: string][] = [
    ["example-deployment.ts", EXAMPLE],
    [types, declarations],
    ["tsconfig.json", TSCONFIG],
  ];
  return files.map(([name, text]) => {
    const path = join(resolve(cwd, dir), name);
    if (existsSync(path) && name !== types) return `Kept ${join(dir, name)}: it exists already`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return `Wrote ${join(dir, name)}`;
  });
}
