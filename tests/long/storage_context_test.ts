/**
 * A build context of 2 GB is streamed: the memory of the process that builds stays what it is for a small one.
 *
 * @module
 */

import assert from "node:assert/strict";
import { statfsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { skip, test } from "../testing/test.ts";
import { Engine } from "../e2e/storage_support.ts";
import { World } from "../e2e/support.ts";

const GIB = 1024 ** 3;

/** Builds with a file of so many bytes beside the Dockerfile; answers the most memory it ever had, in bytes. */
async function peak(engine: Engine, bytes: number): Promise<number> {
  await using world = new World();
  const base = await engine.busybox("large");
  world.file("image/Dockerfile", `FROM ${base}\nCOPY small /small\n`);
  world.file("image/small", "small");
  writeFileSync(join(world.work, "image/large"), "");
  truncateSync(join(world.work, "image/large"), bytes);
  world.file(
    "large.ts",
    `import { readFileSync } from "node:fs";
import { Docker } from "flowctl/storage";

await new Docker({ dockerfile: "image/Dockerfile", imageName: "flowctl-test/large-${engine.mark}" }).build();
console.log("PEAK " + /VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))![1]);
`,
  );
  const result = await world.run(["./large.ts"]);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return Number(/^PEAK (\d+)$/m.exec(result.stdout)![1]) * 1024;
}

test("a context of 2 GB needs no more memory than a small one", async () => {
  await using engine = await Engine.open();
  const { bavail, bsize } = statfsSync("/var/lib");
  // The engine unpacks it.
  if (bavail * bsize < 5 * GIB) skip("There is no room for 2 GB in the engine");
  const small = await peak(engine, 1000);
  const large = await peak(engine, 2 * GIB);
  assert.ok(
    large < small + 150 * 1024 ** 2,
    `${Math.round(small / 1e6)} MB for a small one, ${Math.round(large / 1e6)} MB for 2 GB`,
  );
});
