/**
 * `flowctl build`: builds flows and writes what a registration needs into a file; no API is asked.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { SerializedFlow } from "../../sdk/registration.ts";
import { FlowctlError, messageOf } from "../../support/errors.ts";
import { harmlessLine } from "../../support/text.ts";
import { collect, command, type MakeCommand } from "../command.ts";

/** See the module's comment. */
export const build: MakeCommand = (context) =>
  command(context, "build", {
    description: "Write a file of built flows, to be registered later",
    examples: [
      "flowctl build -p docker_1.ts",
      "flowctl build -p 'flows/*.ts' -o flows.json --update",
    ],
    notes:
      "Images are built and pushed, nothing is registered, and no API is needed. Register the file with: flowctl register -j FILE",
  })
    .option("-p, --path <path>", "a flow file, a folder or a pattern; repeat for more", collect)
    .option("-m, --module <name>", "an installed module with flows; repeat for more", collect)
    .option("-n, --name <flow>", "only the flow of that name; repeat for more", collect)
    .option("-l, --label <label>", "add a label to each flow; repeat for more", collect)
    .option("-o, --output <file>", "the file to write", "flows.json")
    .option("-u, --update", "keep the other flows that the file has")
    .action(async (options) => {
      if (options.path === undefined && options.module === undefined) {
        throw new FlowctlError("invalid", "Cannot build flows: nobody says where they are", {
          hint: "Say it: --path PATH or --module MODULE",
        });
      }
      const registering = await context.parts.registering();
      const { collectSources } = await import("../flow_sources.ts");
      const { buildSources, sayStats } = await import("../build_and_register.ts");
      const path = resolve(context.cwd, options.output);
      const before = options.update && existsSync(path)
        ? registering.parseFlowsFile(readFileSync(path, "utf8"), options.output)
        : [];
      context.out.line("Collecting flows...");
      const sources = await collectSources(context, registering, options);
      const { stats, flows } = await buildSources(context, registering, sources, options.label ?? []);
      const merged = new Map<string, SerializedFlow>([...before, ...flows].map((flow) => [flow.flow_name, flow]));
      context.out.line(`Writing output to '${harmlessLine(options.output)}'`);
      try {
        writeFileSync(path, registering.flowsFileText([...merged.values()]));
      } catch (cause) {
        throw new FlowctlError("invalid", `Cannot write "${options.output}": ${messageOf(cause)}`, { cause });
      }
      sayStats(context, stats, "built");
    });
