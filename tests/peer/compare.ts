/**
 * Sends the same requests to a Prefect 2.20 server and to flowctl, and says where the answers differ.
 *
 *     deno run -A tests/peer/compare.ts --prefect VENV/bin/prefect [SCENARIO…]
 *
 * `--peer URL` uses a Prefect server that runs already. Its database is emptied before each scenario. Known differences, each with its reason, are in
 * `known_differences.ts` and in `.github/ARCHITECTURE.md`; any other one makes the exit code 1.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Comparison, type Difference } from "./lib/difference.ts";
import { type Server, startFlowctl, startPrefect } from "./lib/servers.ts";
import { type Scenario, Target } from "./lib/target.ts";
import { KNOWN, type Known } from "./known_differences.ts";
import { SCENARIOS } from "./scenarios/mod.ts";

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};

async function compare(scenario: Scenario, peer: Server, ours: Server): Promise<Comparison> {
  const targets = [new Target(peer.url), new Target(ours.url)];
  const ended = await Promise.allSettled(targets.map((target) => scenario.run(target)));
  const comparison = new Comparison(targets[0].began, targets[1].began);
  const [theirs, own] = targets.map((target) => target.exchanges);
  for (let i = 0; i < Math.min(theirs.length, own.length); i++) comparison.exchange(theirs[i], own[i]);
  ended.forEach((end, i) => {
    if (end.status === "fulfilled") return;
    const last = targets[i].exchanges.at(-1);
    comparison.differences.push({
      what: `${scenario.name} broke off at ${i === 0 ? "Prefect" : "flowctl"}`,
      request: last?.request ?? "",
      at: "scenario",
      peer: theirs.length,
      ours: `${end.reason}; last answer ${last?.status} ${short(last?.body)}`,
    });
  });
  return comparison;
}

const show = ({ what, request, at, peer, ours }: Difference): string =>
  `  ${what}: ${at}\n    ${request}\n    Prefect ${short(peer)}\n    flowctl ${short(ours)}`;

function explains({ what, at, said }: Known, difference: Difference): boolean {
  if (!what.test(difference.what) || !at.test(difference.at)) return false;
  return said?.test(`${JSON.stringify(difference.peer)} | ${JSON.stringify(difference.ours)}`) ?? true;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { prefect: { type: "string" }, peer: { type: "string" }, known: { type: "boolean" } },
  });
  const binary = process.env.FLOWCTL_BINARY ?? join(import.meta.dirname!, "../../dist/flowctl");
  const servers: Server[] = [];
  try {
    const peer = values.peer === undefined
      ? await startPrefect(values.prefect ?? "prefect")
      : { url: values.peer, stop: () => Promise.resolve() };
    servers.push(peer);
    const used = new Set<unknown>();
    let compared = 0, unknown = 0, known = 0;
    const chosen = SCENARIOS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
    for (const scenario of chosen) {
      await empty(peer.url);
      const ours = await startFlowctl(binary);
      const result = await compare(scenario, peer, ours).finally(() => ours.stop());
      compared += result.compared;
      console.log(`== ${scenario.name}: ${result.compared} answers`);
      for (const difference of result.differences) {
        const reason = KNOWN.find((one) => explains(one, difference));
        if (reason) {
          known++;
          used.add(reason);
          if (values.known) console.log(`${show(difference)}\n    known: ${reason.reason}`);
        } else {
          unknown++;
          console.log(show(difference));
        }
      }
    }
    if (positionals.length === 0) {
      for (const one of KNOWN.filter((one) => !used.has(one))) console.log(`Known, but not seen: ${one.reason}`);
    }
    console.log(`\n${compared} answers compared, ${known} known differences, ${unknown} others`);
    return unknown === 0 ? 0 : 1;
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function empty(peer: string): Promise<void> {
  const answer = await fetch(`${peer}/api/admin/database/clear`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ confirm: true }),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`Cannot empty the database of ${peer}: it answered ${answer.status}`);
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
