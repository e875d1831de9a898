/**
 * `flowctl deployment run`: creates a flow run, and follows it if asked.
 *
 * @module
 */

import type { FlowRun } from "../../../domain/flow_runs.ts";
import { FlowctlError, isFlowctlError } from "../../../support/errors.ts";
import { harmlessLine } from "../../../support/text.ts";
import { collect, command, type MakeCommand, outputOption } from "../../command.ts";
import type { Context } from "../../context.ts";
import type { Connection } from "../../parts.ts";

/** See the module's comment. */
export const deploymentRun: MakeCommand = (context) =>
  command(context, "run", {
    description: "Create a flow run of a deployment",
    examples: [
      "flowctl deployment run my-flow/example",
      "flowctl deployment run my-flow/example --param count=3 --watch",
      "flowctl deployment run my-project/my-flow/example --params @parameters.json",
    ],
    notes: "A value of --param is JSON if it parses, else text; the flow's schema decides in doubt.\n" +
      "With --watch the exit code is 0 when the run is Completed, else 1.",
  })
    .argument("<deployment>", "FLOW/NAME, PROJECT/FLOW/NAME or an id")
    .option("-p, --param <key=value>", "set a parameter; repeat for more", collect)
    .option("--params <json>", "parameters as a JSON object, @FILE, or - for stdin")
    .option("--name <name>", "name of the flow run; default: two random words")
    .option("-t, --tag <tag>", "tag the flow run; repeat for more", collect)
    .option("--watch", "follow the logs until the run ends")
    .addOption(outputOption())
    .action(async (text, options) => {
      const { readDeployment } = await import("../../deployment_names.ts");
      const { readParameters } = await import("../../parameters.ts");
      const connection = await context.connect();
      const { client } = connection;
      const deployment = await readDeployment(client, text, "run");
      const run = await client.deployments.createRun(deployment.id, {
        parameters: await readParameters(options, deployment.parameter_openapi_schema, context),
        tags: options.tag,
        name: options.name,
      }).catch(wrongParameters);
      const table = options.output === "table";
      if (table) context.out.line(`Created flow run '${harmlessLine(run.name)}' (${run.id})`);
      noteIfNobodyRuns(context, connection);
      const last = options.watch ? await watch(context, connection, run, table) : run;
      if (!table) await context.out.item(options.output, last, { text: () => "", name: (one) => one.id });
    });

/** The API answers parameters that do not fit the schema with 409, as Prefect's does; here they are wrong input. */
function wrongParameters(error: unknown): never {
  if (!isFlowctlError(error, "conflict")) throw error;
  throw new FlowctlError("invalid", error.message, { hint: error.hint, cause: error });
}

function noteIfNobodyRuns({ out }: Context, { mode }: Connection): void {
  if (mode === "ephemeral") out.note("No server runs on this home: the flow run starts as soon as an agent does");
}

/** Lines go to stdout, unless the run itself is printed there. */
async function watch(context: Context, { client }: Connection, run: FlowRun, isTable: boolean): Promise<FlowRun> {
  const { followRun } = await import("../../follow.ts");
  const { logLine } = await import("../../log_feed.ts");
  const { out } = context;
  const name = harmlessLine(run.name);
  try {
    const last = await followRun(run, {
      client,
      clock: context.clock,
      signal: context.signal,
      onLogs: (logs) => logs.forEach((log) => isTable ? out.line(logLine(log)) : out.note(logLine(log))),
      onState: (now) => context.stderr.isTerminal && out.note(`Flow run '${name}' is ${now.state_name}`),
      onLost: () => out.note("Lost the API: trying again"),
    });
    const reason = last.state_type === "COMPLETED" || !last.state?.message
      ? ""
      : `: ${harmlessLine(last.state.message)}`;
    out.note(`Flow run '${name}' ended ${last.state_name}${reason}`);
    if (last.state_type !== "COMPLETED") context.exitCode = 1;
    return last;
  } catch (error) {
    if (isFlowctlError(error, "cancelled")) out.note(`Stopped watching: flow run '${name}' goes on`);
    throw error;
  }
}
