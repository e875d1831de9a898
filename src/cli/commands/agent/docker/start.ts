/**
 * `flowctl agent docker start`: an agent that does not start unless a Docker Engine answers.
 *
 * @module
 */

import { agentCommand, runAgentCommand } from "../../../agent_options.ts";
import type { MakeCommand } from "../../../command.ts";

/** See the module's comment. */
export const agentDockerStart: MakeCommand = (context) =>
  agentCommand(context, {
    description: "Start a Docker agent, which runs flows in containers of an engine that has to answer",
    examples: [
      "flowctl agent docker start",
      "flowctl agent docker start -l docker_flows --show-flow-logs --network flowctl-server",
      "flowctl agent docker start --base-url tcp://127.0.0.1:2375 --env-file flows.env --volume ./data:/data:ro",
      "flowctl agent docker start --no-pull --max-polls 10",
    ],
  })
    .action((options) => runAgentCommand(context, options, { isDocker: true }));
