/**
 * The example flow of the README, for Docker or, without an engine, for a subprocess.
 *
 * @module
 */

/** The text of `example-deployment.ts`. */
export const exampleFlow = (docker: boolean): string => {
  const runner = docker ? "DockerFlowRunner" : "SubprocessFlowRunner";
  return `import { DeploymentSpec, ${runner}, flow } from "flowctl";

const myFlow = flow("my-flow", () => {
  console.log("Hello from ${docker ? "Docker" : "a process"}!");
});

new DeploymentSpec({ name: "example", flow: myFlow, flowRunner: new ${runner}() });
`;
};
