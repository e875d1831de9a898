/**
 * `flowctl run`: creates a run of a registered flow, or runs a flow of a file here.
 *
 * @module
 */

import { LOG_LEVELS, type LogLevelName, readLogLevel } from "../../domain/logs.ts";
import { FlowctlError } from "../../support/errors.ts";
import { collect, command, type MakeCommand, outputOption } from "../command.ts";

const WAYS = `Say which flow: --name NAME, --project NAME --name NAME, --id ID, --path PATH or --module MODULE`;

/** See the module's comment. */
export const run: MakeCommand = (context) =>
  command(context, "run", {
    description: "Run a registered flow, or one of a file here",
    examples: [
      "flowctl run --project my-project -n docker_1_flow",
      "flowctl run -n docker_1_flow --param count=3 --watch",
      "flowctl run --id 09226602-1392-4324-b875-f6e8e4c91037 --execute",
      "flowctl run -p docker_1.ts",
    ],
    notes:
      "A value of --param and --context is JSON; words without quotes are texts, and the flow's schema decides in doubt.\n" +
      "With --watch, --execute and of a file the exit code is 0 when the run is Completed, else 1.",
  })
    .option("--project <name>", "the flow's project; default: all projects are searched")
    .option("-n, --name <flow>", "the flow's name; of a file: which of its flows")
    .option("-i, --id <id>", "id of the flow, or of a version")
    .option("-p, --path <file>", "run a flow of that file, here and without an API")
    .option("-m, --module <name>", "run a flow of that installed module, likewise")
    .option("--param <key=value>", "set a parameter; repeat for more", collect)
    .option("--param-file <file>", "read parameters from a JSON file; --param goes before it")
    .option("--context <key=value>", "set a key of the run's context; repeat for more", collect)
    .option("--label <label>", "labels of the run in the place of the flow's; repeat for more", collect)
    .option("--run-name <name>", "name of the flow run; default: two random words")
    .option("--log-level <level>", `drop the run's records below it: ${Object.keys(LOG_LEVELS).join(", ")}`)
    .option("--idempotency-key <key>", "create no second run with that key")
    .option("--execute", "run it in a process here, and let no agent take it")
    .option("-w, --watch", "follow states and logs until the run ends")
    .option("--no-logs", "print states only, and no logs")
    .option("-q, --quiet", "print the run's id only")
    .addOption(outputOption())
    .action(async (options) => {
      const { id, project, name, path, module, param = [], quiet = false, output } = options;
      const refuse = (why: string, hint = WAYS): never => {
        throw new FlowctlError("invalid", `Cannot run a flow: ${why}`, { hint });
      };
      const isLocal = path !== undefined || module !== undefined;
      if (path !== undefined && module !== undefined) refuse("--path and --module are given");
      if (isLocal && id !== undefined) refuse("--id and a file are given");
      if (isLocal && project !== undefined) refuse("--project and a file are given");
      if (id !== undefined && name !== undefined) refuse("--id and --name are given");
      if (id !== undefined && project !== undefined) refuse("--id and --project are given");
      if (project !== undefined && name === undefined) refuse("--project is given without --name");
      if (!isLocal && id === undefined && name === undefined) refuse("nobody says which one");
      const asFile = { label: "--label", idempotencyKey: "--idempotency-key", execute: "--execute" } as const;
      for (const [key, word] of Object.entries(asFile)) {
        if (isLocal && options[key as keyof typeof asFile] !== undefined) {
          refuse(`${word} is for registered flows, and a file is given`, "Register it with: flowctl register");
        }
      }
      const { readPairs, readParamFile } = await import("../run_values.ts");
      const parameters = options.paramFile === undefined ? {} : await readParamFile(options.paramFile, context);
      const single = param.map((text) => text.split("=", 1)[0].trim());
      const twice = single.filter((key) => Object.hasOwn(parameters, key));
      if (twice.length > 0) context.out.note(`Parameters of --param go before those of the file: ${twice.join(", ")}`);
      const asData = output !== "table";
      const say = asData ? context.out.note : context.out.line;
      const write = (text: string) => (asData ? context.stderr : context.stdout).write(text);
      const said = {
        name,
        parameters,
        param,
        context: readPairs(options.context ?? [], "context"),
        runName: options.runName,
        logLevel: levelOf(options.logLevel),
        logs: options.logs,
        quiet: quiet || asData && output === "name",
        say,
      };
      if (isLocal) {
        if (asData) refuse(`-o ${output} prints a run of the API, and a file is given`, "Leave out -o");
        const { runFromFile } = await import("../run_local.ts");
        return await runFromFile(context, { ...said, path, module }, write);
      }
      const { runRegistered } = await import("../run_flow.ts");
      const last = await runRegistered(context, {
        ...said,
        id,
        project,
        label: options.label,
        idempotencyKey: options.idempotencyKey,
        execute: options.execute ?? false,
        watch: options.watch ?? false,
      }, write);
      if (asData && !said.quiet) await context.out.item(output, last, { text: () => "", name: (one) => one.id });
    });

function levelOf(text: string | undefined): LogLevelName | undefined {
  const level = readLogLevel(text);
  if (text === undefined || level !== undefined) return level;
  throw new FlowctlError(
    "invalid",
    `Cannot read log level "${text}": it is none of ${Object.keys(LOG_LEVELS).join(", ")}`,
  );
}
