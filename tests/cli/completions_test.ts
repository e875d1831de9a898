import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "../testing/test.ts";
import { cli } from "./support.ts";

const script = async (shell: string) => (await cli(["completions", shell])).stdout;

/** What bash offers for the words, the last of which is being written. */
async function offered(...words: string[]): Promise<string[]> {
  const list = words.map((word) => `'${word}'`).join(" ");
  const call = `COMP_WORDS=(flowctl ${list}); COMP_CWORD=${words.length}; _flowctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync("bash", ["--norc", "-c", `${await script("bash")}\n${call}`], {
    cwd: "/",
    encoding: "utf8",
  });
  return output.split("\n").filter((line) => line !== "");
}

test("bash completes groups, commands, options and their values", async () => {
  assert.deepEqual(await offered("deploym"), ["deployment"]);
  assert.deepEqual(await offered("deployment", "r"), ["run", "resume"]);
  assert.deepEqual(await offered("deployment", "run", "--pa"), ["--param", "--params"]);
  assert.deepEqual(await offered("flow-run", "ls", "-o", ""), ["table", "json", "yaml", "name"]);
  assert.deepEqual(await offered("completions", "z"), ["zsh"]);
});

test("an option's value is not taken for a command", async () => {
  assert.deepEqual(await offered("flow-run", "ls", "--state", "x", "--li"), ["--limit"]);
});

test("every shell's script names every command", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const text = await script(shell);
    for (const word of ["flow-run", "execute", "--show-flow-logs".slice(shell === "fish" ? 2 : 0)]) {
      assert(text.includes(word));
    }
  }
});

test("an unknown shell is wrong usage", async () => {
  assert.equal((await cli(["completions", "tcsh"])).code, 2);
});
