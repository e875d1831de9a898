/**
 * `flowctl agent start`: an agent of its own, on this or another machine than the server. `flowctl agent start docker` is Prefect 1's
 * older name of `flowctl agent docker start`.
 *
 * @module
 */

import { agentCommand, runAgentCommand } from "../../agent_options.ts";
import { Argument, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const agentStart: MakeCommand = (context) =>
  agentCommand(context, {
    description: "Start an agent, which takes flow runs and starts them on this machine",
    examples: [
      "flowctl agent start",
      "FLOWCTL_API_URL=http://127.0.0.1:4200/api flowctl agent start --no-pull --limit 4",
      "flowctl agent start --label gpu --label linux",
      "flowctl agent start --network data --agent-address 127.0.0.1:8081",
      "flowctl agent start docker -l docker_flows --show-flow-logs",
    ],
  })
    .addArgument(
      new Argument("[kind]", "with docker it does not start unless a Docker Engine answers").choices(
        ["docker"] as const,
      ),
    )
    .action((kind, options) => runAgentCommand(context, options, { isDocker: kind === "docker" }));
