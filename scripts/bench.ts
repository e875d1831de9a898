/**
 * `deno task bench`: the speed of the compiled binary, each figure beside a reference of the same run.
 *
 * It is a benchmark and not a test: machines are noisy. It exits with 0 also when a budget is missed, and says so.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { load } from "./bench/load.ts";
import { type Figure, median, table } from "./bench/report.ts";
import { bunPath } from "./lib/bun.ts";
import { compile } from "./lib/compile.ts";
import { type Endpoint, remove, send } from "./lib/engine_api.ts";
import { ensureEngine } from "./lib/engine.ts";
import { Program } from "./lib/program.ts";

const FLOW = `import { DeploymentSpec, DockerFlowRunner, flow, SubprocessFlowRunner, task } from "flowctl";
const empty = flow("empty", () => {});
const light = task("light", (n: number) => n);
const forty = flow("forty", async () => {
  const started = performance.now();
  for (let n = 0; n < 40; n++) await light(n);
  console.log("forty took " + (performance.now() - started));
});
new DeploymentSpec({ name: "d", flow: empty, flowRunner: new DockerFlowRunner({ streamOutput: false }) });
new DeploymentSpec({ name: "d", flow: forty, flowRunner: new DockerFlowRunner({ streamOutput: false }) });
`;

const json = async (url: string, method = "GET", body?: unknown) => {
  const answer = await fetch(url, {
    method,
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${url} was answered ${answer.status}: ${await answer.text()}`);
  return answer.status === 204 ? undefined : await answer.json();
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const wholeProcess = (command: string, args: string[], env: Record<string, string>) =>
  timed(() =>
    new Promise<void>((resolve, reject) => {
      const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: "ignore" });
      child.once("error", reject);
      child.once("close", () => resolve());
    })
  );

const times = async (count: number, work: () => Promise<number>) => {
  const all: number[] = [];
  for (let n = 0; n < count; n++) all.push(await work());
  return all;
};

const readAddress = (home: string): string | undefined => {
  const file = join(home, "server.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8") || "{}").url : undefined;
};

async function waitFor<T>(look: () => Promise<T | undefined> | T | undefined, ms = 60_000, everyMs = 2): Promise<T> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(everyMs)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new Error("Waited in vain");
}

async function bench(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-bench-"));
  const figures: Figure[] = [];
  const engine = await ensureEngine({});
  const stop = new AbortController();
  let program: Program | undefined;
  try {
    const { path } = await compile();
    const env = { FLOWCTL_HOME: join(folder, "home") };
    program = new Program(path, env, folder, stop.signal);

    await wholeProcess(path, ["version"], env);
    figures.push({
      what: "flowctl version, whole process",
      unit: "ms",
      value: median(await times(15, () => wholeProcess(path, ["version"], env))),
      reference: { what: "/bin/true", value: median(await times(15, () => wholeProcess("/bin/true", [], {}))) },
      budget: { atMost: 60 },
    });

    figures.push(await startTime(path, folder));
    figures.push(...await idle(program, env.FLOWCTL_HOME));
    const home = env.FLOWCTL_HOME;
    const server = program.start(["orion", "start", "--port", "0", "--log-level", "WARNING"], true);
    const url = await waitFor(() => readAddress(home));
    figures.push(...await throughput(url));
    if (engine.answers && engine.endpoint !== undefined) {
      writeFileSync(join(folder, "bench.ts"), FLOW);
      await program.show(["deployment", "create", "./bench.ts"]);
      figures.push(...await docker(url, home, engine.endpoint, program));
    } else {
      console.log(`Left out what needs an engine. ${engine.says}`);
    }
    await server.stop("SIGTERM");
  } finally {
    await program?.stopAll();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

async function startTime(path: string, folder: string): Promise<Figure> {
  let count = 0;
  const once = async () => {
    const home = join(folder, `fresh-${count++}`);
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const started = performance.now();
    const child = spawn(path, ["orion", "start", "--port", String(port)], {
      env: { ...process.env, FLOWCTL_HOME: home },
      stdio: "ignore",
    });
    await waitFor(
      () => fetch(`http://127.0.0.1:${port}/api/health`).then((a) => a.text()).catch(() => undefined),
      10_000,
    );
    const ms = performance.now() - started;
    const closed = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGTERM");
    await closed;
    return ms;
  };
  return {
    what: "orion start on a fresh home until /api/health answers",
    unit: "ms",
    value: median(await times(7, once)),
    reference: { what: "flowctl version", value: median(await times(5, () => wholeProcess(path, ["version"], {}))) },
    budget: { atMost: 250 },
  };
}

async function idle(program: Program, home: string): Promise<Figure[]> {
  const server = program.start(["orion", "start", "--port", "0", "--log-level", "WARNING"], true);
  const bare = spawn(await bunPath(), ["-e", "setInterval(() => {}, 1e9)"], { stdio: "ignore" });
  await waitFor(() => readAddress(home));
  // The runtime collects garbage every second until nothing has changed for thirty.
  await sleep(40_000);
  const cpu = (pid: number) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  };
  const rss = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
  const both = [server.pid, bare.pid!];
  const before = both.map(cpu);
  const seconds = 20;
  await sleep(seconds * 1000);
  const [share, bareShare] = both.map((pid, n) => ((cpu(pid) - before[n]) / seconds) * 100);
  const [memory, bareMemory] = both.map(rss);
  const closed = new Promise((resolve) => bare.once("close", resolve));
  process.kill(bare.pid!, "SIGTERM");
  await Promise.all([server.stop("SIGTERM"), closed]);
  const what = "the bare runtime";
  return [
    {
      what: "idle server + agent, memory",
      unit: "MB",
      value: memory,
      reference: { what, value: bareMemory },
      budget: { atMost: 90 },
    },
    {
      what: "idle server + agent, share of a core",
      unit: "%",
      value: share,
      reference: { what, value: bareShare },
      budget: { atMost: 0.5 },
    },
  ];
}

async function throughput(url: string): Promise<Figure[]> {
  const { hostname: host, port } = new URL(url);
  const address = { host, port: Number(port) };
  const { id: flow } = await json(`${url}/api/flows/`, "POST", { name: "load" });
  const runs = await Promise.all(
    Array.from({ length: 16 }, async () => (await json(`${url}/api/flow_runs/`, "POST", { flow_id: flow })).id),
  );
  const run = (next: (client: number, last: string) => { path: string; body: string }) =>
    load(address, { clients: 16, seconds: 4, next });
  const body = JSON.stringify({ flow_id: flow, parameters: { a: 1 } });
  const state = JSON.stringify({ state: { type: "RUNNING" } });
  const read = await run(() => ({ path: "/api/flows/count", body: "{}" }));
  await run(() => ({ path: "/api/flow_runs/", body }));
  const create = await run(() => ({ path: "/api/flow_runs/", body }));
  const set = await run((client) => ({ path: `/api/flow_runs/${runs[client]}/set_state`, body: state }));
  const reference = { what: "a counting read", value: read.perSecond };
  return [
    {
      what: "create run over HTTP, 16 clients, durable",
      unit: "/s",
      value: create.perSecond,
      reference,
      budget: { atLeast: 3000 },
    },
    {
      what: "set_state over HTTP, 16 clients, durable",
      unit: "/s",
      value: set.perSecond,
      reference,
      budget: { atLeast: 3000 },
    },
  ];
}

/** So many durable writes over one connection, each after the last one's answer: what forty tasks cannot do without. */
async function writes(url: string, count: number): Promise<number> {
  const { id } = await json(`${url}/api/flows/`, "POST", { name: "load" });
  return await timed(async () => {
    for (let n = 0; n < count; n++) await json(`${url}/api/flow_runs/`, "POST", { flow_id: id });
  });
}

async function docker(url: string, home: string, engine: Endpoint, program: Program): Promise<Figure[]> {
  const deployment = async (flow: string) => await json(`${url}/api/deployments/name/${flow}/d`);
  const empty = await deployment("empty");
  const forty = await deployment("forty");
  const image = empty.flow_runner.config.image as string;
  const finish = async (run: { id: string }) => {
    let seen = await json(`${url}/api/flow_runs/${run.id}/wait?wait_seconds=30`);
    while (!["COMPLETED", "FAILED", "CRASHED", "CANCELLED"].includes(seen.state_type)) {
      seen = await json(`${url}/api/flow_runs/${run.id}/wait?wait_seconds=30&state_id=${seen.state_id}`);
    }
    if (seen.state_type !== "COMPLETED") throw new Error(`A run ended ${seen.state_name}: ${seen.state?.message}`);
    return seen;
  };
  const start = async (id: string) => await json(`${url}/api/deployments/${id}/create_flow_run`, "POST", {});
  const once = (id: string) => timed(async () => await finish(await start(id)));
  await once(empty.id); // makes the default image

  const toContainer = async () => {
    const before = Date.now() / 1000;
    const run = await start(empty.id);
    await finish(run);
    const filters = encodeURIComponent(JSON.stringify({ container: [run.name], event: ["create"] }));
    const events = await send(
      engine,
      "GET",
      `/events?since=${before - 1}&until=${Date.now() / 1000 + 1}&filters=${filters}`,
    );
    const created = JSON.parse(events.trim().split("\n")[0]).timeNano / 1e6;
    return created - Date.parse(run.created);
  };
  const createOnly = async () => {
    let id = "";
    const ms = await timed(async () => {
      id = JSON.parse(await send(engine, "POST", "/containers/create", { Image: image, Cmd: ["version"] })).Id;
    });
    await remove(engine, `/containers/${id}?force=1`);
    return ms;
  };
  const runOnly = async () => {
    let id = "";
    const ms = await timed(async () => {
      id = JSON.parse(await send(engine, "POST", "/containers/create", { Image: image, Cmd: ["version"] })).Id;
      await send(engine, "POST", `/containers/${id}/start`);
      await send(engine, "POST", `/containers/${id}/wait`);
    });
    await remove(engine, `/containers/${id}?force=1`);
    return ms;
  };
  const created = await times(7, toContainer);
  const creating = median(await times(7, createOnly));
  const whole: number[] = [];
  const plain: number[] = [];
  for (let n = 0; n < 9; n++) {
    whole.push(await once(empty.id));
    plain.push(await runOnly());
  }
  const inFlow: number[] = [];
  for (let n = 0; n < 5; n++) {
    const run = await start(forty.id);
    await finish(run);
    const logs = await json(`${url}/api/logs/filter`, "POST", { logs: { flow_run_id: { any_: [run.id] } } });
    inFlow.push(
      Number(logs.map((log: { message: string }) => /forty took ([\d.]+)/.exec(log.message)?.[1]).find(Boolean)),
    );
  }
  for (const { id } of await program.engineContainers(engine, home)) await program.removeContainer(engine, id);
  return [
    {
      what: "run created → container created by the agent",
      unit: "ms",
      value: median(created),
      reference: { what: "the engine's create alone", value: creating },
      budget: { atMost: 30 },
    },
    {
      what: "created → Completed, empty flow, default image",
      unit: "ms",
      value: median(whole),
      reference: { what: "docker run of it printing a line", value: median(plain) },
      budget: { atMost: median(plain) + 150 },
    },
    {
      what: "40 light sequential tasks in one flow, durable",
      unit: "ms",
      value: median(inFlow),
      reference: { what: "120 writes one after the other", value: median(await times(5, () => writes(url, 120))) },
      budget: { atMost: 400 },
    },
  ];
}

if (import.meta.main) {
  try {
    console.log(`\n${table(await bench())}`);
  } catch (error) {
    console.error(`The benchmark failed: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
