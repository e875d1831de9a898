/**
 * `flowctl exec -- COMMAND`: the first process of a container whose engine has no init. It starts the command, hands signals on to it,
 * takes in orphans, and ends as the command does.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { childEnvironment } from "../../support/subprocess.ts";
import { FlowctlError, messageOf } from "../../support/errors.ts";
import { command, type MakeCommand } from "../command.ts";
import type { Context } from "../context.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"] as const;

/** See the module's comment. */
export const exec: MakeCommand = (context) =>
  command(context, "exec", {
    description: "Start a command as the first process of a container does; agents call it in what they start",
    examples: ["flowctl exec -- /entrypoint.sh serve"],
    notes: "It exits as the command does: with its code, or 128 and the number of the signal that ended it.",
  })
    .option("--secrets", "put the flow run's secrets into the environment first")
    .argument("<command...>", "program and arguments, after --")
    .action(async ([program, ...args], options) => {
      const secrets = options.secrets ? await readSecrets(context) : {};
      const child = spawn(program, args, { stdio: "inherit", env: childEnvironment(context.env, secrets) });
      const handOn = SIGNALS.map((signal) => [signal, () => void child.kill(signal)] as const);
      // From now on what arrives is the command's; that a second one ends this process would end the container.
      const own = (["SIGTERM", "SIGINT"] as const).flatMap((signal) =>
        process.listeners(signal).map((listener) => [signal, listener] as const)
      );
      for (const [signal, listener] of own) process.off(signal, listener);
      for (const [signal, listener] of handOn) process.on(signal, listener);
      try {
        context.exitCode = await ended(child, program);
      } finally {
        for (const [signal, listener] of handOn) process.off(signal, listener);
        for (const [signal, listener] of own) process.on(signal, listener);
      }
    });

/** The variables of the run's deployment that are secrets, on behalf of the run. */
async function readSecrets(context: Context): Promise<Record<string, string>> {
  const id = context.env.FLOWCTL_FLOW_RUN_ID;
  const { client } = await context.connect();
  const { deployment_id } = id ? await client.flowRuns.read(id) : { deployment_id: null };
  if (deployment_id === null) {
    throw new FlowctlError("invalid", "Cannot read secrets: this is no run of a deployment", {
      hint: "Only agents start commands with --secrets",
    });
  }
  const { readSecretEnv } = await import("../../client/run_secrets.ts");
  return await readSecretEnv(client.secrets.value, await client.deployments.read(deployment_id));
}

function ended(child: ReturnType<typeof spawn>, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    child.once("error", (cause) => {
      const code = (cause as { code?: string }).code;
      const why = code === "ENOENT" ? "no such program or folder" : messageOf(cause);
      reject(
        new FlowctlError(code === "EACCES" ? "forbidden" : "not_found", `Cannot start "${program}": ${why}`, { cause }),
      );
    });
  });
}
