/**
 * `flowctl agent start`: an agent of its own, on this or another machine than the server.
 *
 * @module
 */

import { stopSignalOf } from "../../exit.ts";
import { ALLOW_OPTIONS } from "../../../runners/docker_policy.ts";
import { FlowctlError } from "../../../support/errors.ts";
import { collect, command, type MakeCommand, Option, wholeNumber } from "../../command.ts";
import { logLevelOption } from "../orion/start.ts";

/** See the module's comment. */
export const agentStart: MakeCommand = (context) =>
  command(context, "start", {
    description: "Start an agent, which takes flow runs and starts them on this machine",
    examples: [
      "flowctl agent start",
      "FLOWCTL_API_URL=http://127.0.0.1:4200/api flowctl agent start --no-pull --limit 4",
      "flowctl agent start --label gpu --label linux",
      "flowctl agent start --network data",
    ],
    notes: "Ctrl-C stops it; flow containers go on, and the next agent on this home takes them over.",
  })
    .option("--no-pull", "never pull images; use those that the engine has")
    .option("--base-url <url>", "address of the Docker Engine; default: DOCKER_HOST, else the local one")
    .option("--name <name>", "name of the agent; default: the machine's")
    .option("--limit <n>", "start at most so many flow runs at once", wholeNumber("--limit", { least: 1 }))
    .option("-l, --label <label>", "take flow runs with this label; repeat for more", collect)
    .option("--network <network>", "put every container on this network of the engine; repeat for more", collect)
    .option(
      "--keep-containers <n>",
      "keep at most so many finished containers; default: 100",
      wholeNumber("--keep-containers"),
    )
    .option(
      "--keep-containers-hours <n>",
      "keep finished containers for so many hours; default: 24",
      wholeNumber("--keep-containers-hours"),
    )
    .option("--show-flow-logs", "print the lines of all flow runs here")
    .addOption(
      new Option("--allow <what>", `permit what flow runs ask for: ${ALLOW_OPTIONS.join(", ")}; repeat for more`)
        .argParser(collectAllowed),
    )
    .addOption(logLevelOption())
    .action(async (options) => {
      const { out } = context;
      const connection = await context.connect();
      const isEphemeral = connection.mode === "ephemeral";
      out.line(
        isEphemeral ? "Starting agent with ephemeral API..." : `Starting agent connected to ${connection.address}...`,
      );
      try {
        await context.parts.runAgent({
          client: connection.client,
          upstream: connection.fetch,
          env: context.env,
          name: options.name,
          limit: options.limit,
          labels: options.label ?? [],
          pull: options.pull,
          baseUrl: options.baseUrl,
          allow: options.allow ?? [],
          networks: options.network ?? [],
          keepContainers: options.keepContainers,
          keepContainersHours: options.keepContainersHours,
          showFlowLogs: options.showFlowLogs ?? false,
          isEphemeral,
          print: out.line,
          onStarted: () => out.line("Agent started! Checking for flow runs..."),
          random: context.random,
          log: context.log(options.logLevel).named("Agent"),
          clock: context.clock,
          signal: context.signal,
        });
      } catch (error) {
        // To be stopped is how an agent ends.
        if (stopSignalOf(context.signal) === undefined) throw error;
      }
      out.line("Agent stopped!");
    });

function collectAllowed(text: string, all: string[] = []): string[] {
  if ((ALLOW_OPTIONS as readonly string[]).includes(text)) return [...all, text];
  throw new FlowctlError("invalid", `Cannot allow "${text}": it is not one of ${ALLOW_OPTIONS.join(", ")}`);
}
