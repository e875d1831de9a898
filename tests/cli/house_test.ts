/** Rules over all commands. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { type AnyCommand, EXAMPLES, sentenceOf } from "../../src/cli/command.ts";
import { createContext } from "../../src/cli/context.ts";
import { createProgram } from "../../src/cli/program.ts";
import { test } from "../testing/test.ts";
import { cli } from "./support.ts";

const context = createContext({ env: {}, stdin: {}, stdout: {}, stderr: {}, parts: {} } as never);
const program = createProgram(context);
const all = (command: AnyCommand): AnyCommand[] => [command, ...command.commands.flatMap(all)];
const commands = all(program);
const leaves = commands.filter((command) => command.commands.length === 0);
const VERBS =
  /^(Cancel|Check|Create|Delete|List|Look|Print|Remove|Resume|Revoke|Run|Set|Show|Start|Stop|Store|Write)\b/;

test("every command and group says what it does: an upper-case verb first, no final period", () => {
  for (const command of commands) {
    assert.match(command.description(), VERBS, sentenceOf(command));
    assert.doesNotMatch(command.description(), /\.$/, sentenceOf(command));
  }
});

test("every command has an example that calls it, with options that it has", () => {
  for (const command of leaves) {
    const examples = EXAMPLES.get(command) ?? [];
    assert(examples.length > 0, sentenceOf(command));
    for (const example of examples) {
      assert(example.includes(sentenceOf(command)), `${sentenceOf(command)}: ${example}`);
      for (const [option] of example.matchAll(/(?<= )--[a-z-]+/g)) {
        assert(command.options.some((one) => one.long === option), `${example}: ${option}`);
      }
    }
  }
});

test("every command that prints data takes -o table, json, yaml and name", () => {
  const printing = /^(ls|inspect|logs|run|create|version|reap|gc|doctor)$/;
  for (const command of leaves.filter((one) => printing.test(one.name()))) {
    const option = command.options.find((one) => one.long === "--output");
    assert.deepEqual(option?.argChoices, ["table", "json", "yaml", "name"], sentenceOf(command));
    assert.equal(option?.short, "-o");
  }
});

test("every option and argument has a description that begins in lower case or with a placeholder", () => {
  for (const command of leaves) {
    for (const { long, description } of command.options) {
      assert.match(description, /^[a-z]/, `${sentenceOf(command)} ${long}`);
      assert.doesNotMatch(description, /\.$/, `${sentenceOf(command)} ${long}`);
    }
    for (const argument of command.registeredArguments) assert(argument.description !== "", sentenceOf(command));
  }
});

test("every command lies in the file that its words say", () => {
  for (const command of leaves) {
    const words = sentenceOf(command).split(" ").slice(1).map((word) => word.replaceAll("-", "_"));
    const file = new URL(`../../src/cli/commands/${words.join("/")}.ts`, import.meta.url);
    assert(existsSync(file), file.pathname);
  }
});

for (const command of commands) {
  const words = sentenceOf(command).split(" ").slice(1);
  test(`the help of "${sentenceOf(command)}" is that of its golden file`, async () => {
    const { code, stdout, stderr } = await cli([...words, "--help"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const folder = new URL("./help/", import.meta.url);
    const file = new URL(`${["flowctl", ...words].join("_")}.txt`, folder);
    if (process.env.FLOWCTL_TEST_UPDATE === "1") {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, stdout);
    }
    assert.equal(stdout, readFileSync(file, "utf8"), "set FLOWCTL_TEST_UPDATE=1 to write the golden files anew");
  });
}
