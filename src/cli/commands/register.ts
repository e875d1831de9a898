/**
 * `flowctl register`: makes versions of the flows of files.
 *
 * @module
 */

import { FlowctlError } from "../../support/errors.ts";
import { collect, command, type MakeCommand } from "../command.ts";
import { isAddress } from "../flow_sources.ts";

/** See the module's comment. */
export const register: MakeCommand = (context) =>
  command(context, "register", {
    description: "Create versions of the flows of files, unless they are unchanged",
    examples: [
      "flowctl register --project my-project -p docker_1.ts",
      "flowctl register --project my-project -p 'flows/**/*.ts' -l docker_flows --watch",
      "flowctl register --project my-project -j flows.json",
    ],
    notes:
      "The files' own calls of register() and of flows do nothing. Older versions are archived: their scheduled runs go,\n" +
      "those that run go on.",
  })
    .option("--project <name>", "the project, which must exist")
    .option("-p, --path <path>", "a flow file, a folder or a pattern; repeat for more", collect)
    .option("-m, --module <name>", "an installed module with flows; repeat for more", collect)
    .option("-j, --json <place>", "a file or address of what build wrote; repeat for more", collect)
    .option("-n, --name <flow>", "only the flow of that name; repeat for more", collect)
    .option("-l, --label <label>", "add a label to each flow; repeat for more", collect)
    .option("-f, --force", "make new versions of unchanged flows, too")
    .option("--watch", "stay, and register files again when they change")
    .option("--schedule", "let schedules make runs from now on (default)")
    .option("--no-schedule", "let schedules make no runs")
    .action(async (options) => {
      const { project, label = [], force = false, schedule = true, watch, json = [] } = options;
      if (project === undefined) {
        throw new FlowctlError("invalid", "Cannot register flows: no project is said", {
          hint: "Say it: --project NAME. Create one with: flowctl create project NAME",
        });
      }
      if ([options.path, options.module, options.json].every((places) => places === undefined)) {
        throw new FlowctlError("invalid", "Cannot register flows: nobody says where they are", {
          hint: "Say it: --path PATH, --module MODULE or --json PLACE",
        });
      }
      const registering = await context.parts.registering();
      if (watch) {
        const remote = json.find(isAddress);
        if (remote !== undefined) {
          throw new FlowctlError("invalid", `Cannot watch "${remote}": only files can be watched`);
        }
        const { watchSources } = await import("../watch_sources.ts");
        return await watchSources(context, registering, options, [
          "register",
          `--project=${project}`,
          ...(options.name ?? []).map((name) => `--name=${name}`),
          ...label.map((one) => `--label=${one}`),
          ...force ? ["--force"] : [],
          schedule ? "--schedule" : "--no-schedule",
        ]);
      }
      const { collectSources } = await import("../flow_sources.ts");
      const { registerSources, sayStats } = await import("../build_and_register.ts");
      context.out.line("Collecting flows...");
      const sources = await collectSources(context, registering, options);
      const { client } = await context.connect();
      const stats = await registerSources(context, registering, client, sources, {
        project,
        labels: label,
        force,
        setScheduleActive: schedule,
      });
      sayStats(context, stats, "registered");
    });
