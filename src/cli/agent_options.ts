/**
 * The options of an agent, and running it: `agent start`, `agent start docker` and `agent docker start` are one.
 *
 * @module
 */

import { parseAgentAddress } from "../agent/agent_address.ts";
import { ALLOW_OPTIONS } from "../runners/docker_policy.ts";
import { FlowctlError } from "../support/errors.ts";
import { collect, command, Option, wholeNumber } from "./command.ts";
import { logLevelOption } from "./commands/orion/start.ts";
import type { Context } from "./context.ts";
import { stopSignalOf } from "./exit.ts";
import { readVariables, variable } from "./variables.ts";

const ART = String.raw`
  __ _                   _   _        _                    _
 / _| | _____      _____| |_| |      / \   __ _  ___ _ __ | |_
| |_| |/ _ \ \ /\ / / __| __| |     / _ \ / _${"`"} |/ _ \ '_ \| __|
|  _| | (_) \ V  V / (__| |_| |    / ___ \ (_| |  __/ | | | |_
|_| |_|\___/ \_/\_/ \___|\__|_|   /_/   \_\__, |\___|_| |_|\__|
                                          |___/
`;

/** What is said of stopping, in both helps. */
const STOPS = "Ctrl-C stops it; flow containers go on, and the next agent on this home takes them over.";
const TOKENS =
  "The agent's token is that of -t (or --key), else of FLOWCTL__CLOUD__AGENT__AUTH_TOKEN, else of FLOWCTL_API_KEY, else the profile's.\n" +
  "Others on this machine can see the options of its programs: the variables are the better place.";

/** An agent's command with all its options; the argument and the action are chained to it. */
export function agentCommand(context: Context, about: { description: string; examples: string[] }) {
  return command(context, "start", { ...about, notes: `${STOPS}\n${TOKENS}` })
    .option("-l, --label <label>", "take flow runs with this label; repeat for more", collect)
    .option("-n, --name <name>", "name of the agent; default: the machine's")
    .option("--limit <n>", "start at most so many flow runs at once", wholeNumber("--limit", { least: 1 }))
    .option("-a, --api <url>", "address of the API; default: FLOWCTL_API_URL, the profile's, the server of this home")
    .option("-t, --token <token>", "token for the API, of scope RUNNER")
    .option("-k, --key <key>", "the same under its newer name")
    .option(
      "-b, --base-url <url>",
      "address of the Docker Engine; default: DOCKER_HOST, the docker context, the local one",
    )
    .option(
      "--docker-client-timeout <seconds>",
      "give up when the engine takes longer to answer",
      wholeNumber("--docker-client-timeout", { least: 1, most: 86_400 }),
    )
    .option("--no-pull", "never pull images; use those that the engine has")
    .option(
      "--reg-allow-list <registry>",
      'pull from this registry only, "*" stands for any characters; repeat for more',
      collect,
    )
    .option("-e, --env <name=value>", "set this variable in every flow; repeat for more", variable)
    .option("--env-file <path>", "set the variables of this file in every flow; repeat for more", collect)
    .option("--network <network>", "put every container on this network of the engine; repeat for more", collect)
    .option("--volume <volume>", "mount SOURCE:TARGET[:OPTIONS] into every container; repeat for more", collect)
    .option("-f, --show-flow-logs", "print the lines of all flow runs here")
    .option(
      "--max-polls <n>",
      "look for flow runs so many times, then end with the last one",
      wholeNumber("--max-polls"),
    )
    .option(
      "--agent-address <address>",
      "answer /api/health and /api/poke at HOST:PORT",
      parseAgentAddress,
    )
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
    .addOption(
      new Option("--allow <what>", `permit what flow runs ask for: ${ALLOW_OPTIONS.join(", ")}; repeat for more`)
        .argParser(collectAllowed),
    )
    .addOption(logLevelOption());
}

/** What {@link agentCommand} reads. */
export type AgentCommandOptions = ReturnType<ReturnType<typeof agentCommand>["opts"]>;

/**
 * Runs an agent until it is stopped.
 *
 * @param isDocker Whether it is started as a Docker agent: without an engine it is not started then, and it has Prefect 1's words.
 */
export async function runAgentCommand(
  context: Context,
  options: AgentCommandOptions,
  { isDocker }: { isDocker: boolean },
): Promise<void> {
  const { out, env } = context;
  const labels = [...new Set(options.label ?? [])].sort();
  const token = options.token ?? options.key ?? (env.FLOWCTL__CLOUD__AGENT__AUTH_TOKEN || undefined);
  const flowEnv = { ...readVariables(options.envFile ?? [], context.cwd), ...options.env };
  const connection = await context.connect({
    ...options.api === undefined ? {} : { FLOWCTL_API_URL: options.api },
    ...token === undefined ? {} : { FLOWCTL_API_KEY: token },
  });
  const log = context.log(options.logLevel).named("Agent");
  const isEphemeral = connection.mode === "ephemeral";
  const where = isEphemeral ? "an ephemeral API" : `the API at ${connection.address}`;
  const words = isDocker
    ? {
      checked() {
        out.line(ART);
        log.info(`Starting DockerAgent with labels [${labels.map((label) => `'${label}'`).join(", ")}]`);
        log.info("Agent documentation can be found with: flowctl agent docker start --help");
      },
      started() {
        log.info(`Agent successfully connected to ${where}`);
        log.info("Waiting for flow runs...");
      },
    }
    : {
      checked() {
        const name = isEphemeral ? "with ephemeral API" : `connected to ${connection.address}`;
        out.line(`Starting agent ${name}...`);
      },
      started: () => out.line("Agent started! Checking for flow runs..."),
    };
  try {
    await context.parts.runAgent({
      client: connection.client,
      upstream: connection.fetch,
      env,
      name: options.name,
      limit: options.limit,
      labels,
      pull: options.pull,
      baseUrl: options.baseUrl,
      requireEngine: isDocker,
      engineTimeout: options.dockerClientTimeout,
      allow: options.allow ?? [],
      networks: options.network ?? [],
      volumes: options.volume ?? [],
      flowEnv,
      allowedRegistries: options.regAllowList ?? [],
      keepContainers: options.keepContainers,
      keepContainersHours: options.keepContainersHours,
      showFlowLogs: options.showFlowLogs ?? false,
      maxPolls: options.maxPolls,
      address: options.agentAddress,
      isEphemeral,
      print: out.line,
      onChecked: words.checked,
      onStarted: words.started,
      random: context.random,
      log,
      clock: context.clock,
      signal: context.signal,
    });
  } catch (error) {
    // To be stopped is how an agent ends.
    if (stopSignalOf(context.signal) === undefined) throw error;
  }
  out.line("Agent stopped!");
}

function collectAllowed(text: string, all: string[] = []): string[] {
  if ((ALLOW_OPTIONS as readonly string[]).includes(text)) return [...all, text];
  throw new FlowctlError("invalid", `Cannot allow "${text}": it is not one of ${ALLOW_OPTIONS.join(", ")}`);
}
