/**
 * A flow whose lines can be counted, and the count.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dockerFlow, until, type World } from "./support.ts";

/** A flow that prints records and raw lines until its file appears. */
export const counting = (world: World, name = "counts") =>
  dockerFlow(
    name,
    `  const { existsSync } = await import("node:fs");
  let n = 0;
  while (!existsSync("/work/enough") && !signal.aborted) {
    console.log("line " + n);
    if (n % 3 === 0) process.stdout.write("raw " + n + "\\n");
    n++;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  console.log("last " + n);`,
    `volumes: ["${world.work}:/work"]`,
    `import process from "node:process";`,
  );

/** What {@link counting} printed, judged: every line there once. */
export async function isComplete(world: World, url: string, id: string): Promise<void> {
  await until("no line can come any more", () => world.client(url).flowRuns.settled(id, 30));
  const messages = await world.messages(url, id);
  const count = Number(messages.find((message) => message.startsWith("last "))!.slice(5));
  const lines = messages.filter((message) => message.startsWith("line "));
  const raw = messages.filter((message) => message.startsWith("raw "));
  assert.deepEqual(lines, Array.from({ length: count }, (_, n) => `line ${n}`));
  const every3 = Array.from({ length: Math.ceil(count / 3) }, (_, n) => `raw ${n * 3}`);
  assert.deepEqual(raw.toSorted((a, b) => Number(a.slice(4)) - Number(b.slice(4))), every3);
}
