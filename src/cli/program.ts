/**
 * The whole command line: the groups in order, and one run of it from words to exit code.
 *
 * @module
 */

import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { Answered, type AnyCommand, group } from "./command.ts";
import { agentDelete } from "./commands/agent/delete.ts";
import { agentDockerStart } from "./commands/agent/docker/start.ts";
import { agentInspect } from "./commands/agent/inspect.ts";
import { agentLs } from "./commands/agent/ls.ts";
import { agentReap } from "./commands/agent/reap.ts";
import { agentStart } from "./commands/agent/start.ts";
import { authCreateToken } from "./commands/auth/create_token.ts";
import { authListTokens } from "./commands/auth/list_tokens.ts";
import { authLogin } from "./commands/auth/login.ts";
import { authLogout } from "./commands/auth/logout.ts";
import { authRevokeToken } from "./commands/auth/revoke_token.ts";
import { authStatus } from "./commands/auth/status.ts";
import { backend } from "./commands/backend.ts";
import { build } from "./commands/build.ts";
import { completions } from "./commands/completions.ts";
import { configSet } from "./commands/config/set.ts";
import { configUnset } from "./commands/config/unset.ts";
import { configView } from "./commands/config/view.ts";
import { createProject } from "./commands/create/project.ts";
import { deleteProject } from "./commands/delete/project.ts";
import { deploymentCreate } from "./commands/deployment/create.ts";
import { deploymentDelete } from "./commands/deployment/delete.ts";
import { deploymentInspect } from "./commands/deployment/inspect.ts";
import { deploymentLs } from "./commands/deployment/ls.ts";
import { deploymentPause } from "./commands/deployment/pause.ts";
import { deploymentResume } from "./commands/deployment/resume.ts";
import { deploymentRun } from "./commands/deployment/run.ts";
import { describeFlowRuns } from "./commands/describe/flow_runs.ts";
import { describeFlows } from "./commands/describe/flows.ts";
import { describeTasks } from "./commands/describe/tasks.ts";
import { doctor } from "./commands/doctor.ts";
import { exec } from "./commands/exec.ts";
import { flowLs } from "./commands/flow/ls.ts";
import { flowRunCancel } from "./commands/flow_run/cancel.ts";
import { flowRunDelete } from "./commands/flow_run/delete.ts";
import { flowRunExecute } from "./commands/flow_run/execute.ts";
import { flowRunInspect } from "./commands/flow_run/inspect.ts";
import { flowRunLogs } from "./commands/flow_run/logs.ts";
import { flowRunLs } from "./commands/flow_run/ls.ts";
import { getFlowRuns } from "./commands/get/flow_runs.ts";
import { getFlows } from "./commands/get/flows.ts";
import { getLogs } from "./commands/get/logs.ts";
import { getProjects } from "./commands/get/projects.ts";
import { getTasks } from "./commands/get/tasks.ts";
import { imageCheck } from "./commands/image/check.ts";
import { imageGc } from "./commands/image/gc.ts";
import { init } from "./commands/init.ts";
import { orionStart } from "./commands/orion/start.ts";
import { profileCreate } from "./commands/profile/create.ts";
import { profileDelete } from "./commands/profile/delete.ts";
import { profileInspect } from "./commands/profile/inspect.ts";
import { profileLs } from "./commands/profile/ls.ts";
import { profileUse } from "./commands/profile/use.ts";
import { serverConfig } from "./commands/server/config.ts";
import { serverCreateTenant } from "./commands/server/create_tenant.ts";
import { serverStart } from "./commands/server/start.ts";
import { serverStop } from "./commands/server/stop.ts";
import { register } from "./commands/register.ts";
import { run } from "./commands/run.ts";
import { registryLogin } from "./commands/registry/login.ts";
import { registryLogout } from "./commands/registry/logout.ts";
import { registryLs } from "./commands/registry/ls.ts";
import { secretDelete } from "./commands/secret/delete.ts";
import { secretLs } from "./commands/secret/ls.ts";
import { secretSet } from "./commands/secret/set.ts";
import { version, versionText } from "./commands/version.ts";
import { type Context, createContext, type Host } from "./context.ts";
import { exitCodeOf, renderError } from "./exit.ts";
import { olderWords } from "./older_filters.ts";

/** The groups and commands in the order of `flowctl --help`. */
export function createProgram(context: Context): AnyCommand {
  const program = group(context, "flowctl", "Run TypeScript flows in Docker containers: server, agent and client", [
    init,
    (c) => group(c, "orion", "Run the server", [orionStart]),
    (c) =>
      group(c, "server", "Start and stop the server of the older dialect", [
        serverStart,
        serverStop,
        serverConfig,
        serverCreateTenant,
      ]),
    (c) =>
      group(c, "agent", "Run agents, look at them", [
        agentStart,
        (c) => group(c, "docker", "Run Docker agents", [agentDockerStart]),
        agentLs,
        agentInspect,
        agentDelete,
        agentReap,
      ]),
    (c) =>
      group(c, "deployment", "Create, run and manage deployments", [
        deploymentCreate,
        deploymentRun,
        deploymentLs,
        deploymentInspect,
        deploymentPause,
        deploymentResume,
        deploymentDelete,
      ]),
    (c) =>
      group(c, "flow-run", "Look at flow runs, cancel and delete them", [
        flowRunLs,
        flowRunInspect,
        flowRunLogs,
        flowRunCancel,
        flowRunDelete,
        flowRunExecute,
      ]),
    (c) => group(c, "flow", "Look at flows", [flowLs]),
    register,
    build,
    run,
    (c) => group(c, "image", "Look at images and volumes that flowctl made, delete old ones", [imageGc, imageCheck]),
    (c) => group(c, "secret", "Set secrets that flows read, list and delete them", [secretSet, secretLs, secretDelete]),
    (c) =>
      group(c, "registry", "Store logins for registries, list and delete them", [
        registryLogin,
        registryLs,
        registryLogout,
      ]),
    backend,
    (c) => group(c, "create", "Create projects", [createProject]),
    (c) => group(c, "delete", "Delete projects", [deleteProject]),
    (c) =>
      group(c, "get", "List projects, flows, tasks, flow runs and logs", [
        getProjects,
        getFlows,
        getTasks,
        getFlowRuns,
        getLogs,
      ]),
    (c) =>
      group(c, "describe", "Show flows, tasks and flow runs as data", [describeFlows, describeTasks, describeFlowRuns]),
    (c) => group(c, "config", "Show and change settings", [configView, configSet, configUnset]),
    (c) =>
      group(c, "profile", "Create, choose and delete sets of settings", [
        profileLs,
        profileCreate,
        profileUse,
        profileInspect,
        profileDelete,
      ]),
    (c) =>
      group(c, "auth", "Create and revoke tokens, log in to a server", [
        authLogin,
        authLogout,
        authStatus,
        authCreateToken,
        authListTokens,
        authRevokeToken,
      ]),
    doctor,
    version,
    completions,
  ]);
  program.addCommand(exec(context), { hidden: true });
  program
    .usage("[options] <command>\n       flowctl FILE [args]")
    .option("--verbose", "say which API is used, and show where errors come from")
    .version(versionText(), "-V, --version", "print the version")
    .on("option:verbose", () => context.verbose = true);
  return program;
}

/**
 * Runs the program once.
 *
 * @param args Without the program's own name.
 * @returns The exit code; undefined when a user's file was started, whose end is the end of the process.
 */
export async function runProgram(args: string[], host: Host): Promise<number | undefined> {
  const context = createContext(host);
  try {
    const program = createProgram(context);
    if (isFile(args[0], program, host.cwd)) {
      await host.parts.runAsMain(resolve(host.cwd, args[0]), args.slice(1));
      return undefined;
    }
    if (args.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync(olderWords(args), { from: "user" });
    return context.exitCode;
  } catch (error) {
    if (error instanceof Answered) return error.exitCode;
    context.out.note(renderError(error, context.verbose));
    return exitCodeOf(error, host.signal);
  } finally {
    await context.close();
  }
}

/** Whether the first word is a flow file and not a command; a file that is called like a command is not meant. */
function isFile(word: string | undefined, program: AnyCommand, cwd: string): boolean {
  if (word === undefined || word.startsWith("-")) return false;
  if (program.commands.some((command) => command.name() === word)) return false;
  if (/\.(ts|mts|js|mjs)$/.test(word)) return true;
  const path = resolve(cwd, word);
  return existsSync(path) && statSync(path).isFile();
}
