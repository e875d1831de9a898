/**
 * What `flowctl image check` does in a built image: is everything there that its flows need?
 *
 * @module
 */

import { lstatSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { existsSync } from "node:fs";
import { FAILURE_MARK, type ImageQuestions } from "../images/build/check_image.ts";
import { FlowctlError, messageOf } from "../support/errors.ts";
import { runtimeTag } from "../support/runtime.ts";
import { describeError } from "../support/stacks.ts";
import { VERSION } from "../support/version.ts";
import { loadStoredFlow } from "./stored_flow.ts";

/**
 * Answers the questions that lie in a file, and prints a line for each.
 *
 * @returns Whether nothing failed; a warning is no failure.
 * @throws {FlowctlError} `invalid` when the file can't be read
 */
export async function checkImageHere(file: string, print: (line: string) => void): Promise<boolean> {
  const { version, runtime, flows, packages, folder, files } = readQuestions(file);
  let isGood = true;
  const fail = (what: string, why: string) => {
    isGood = false;
    print(`${FAILURE_MARK}${what}: ${why}`);
  };
  print("Beginning health checks...");
  if (version === VERSION && runtime === runtimeTag) print("System Version check: OK");
  else {
    print(
      `WARNING: The image has flowctl ${VERSION} with ${runtimeTag}, and was built for flowctl ${version} with ${runtime}`,
    );
  }
  const missing = files.map((one) => [one.path, problemOf(one)]).filter(([, problem]) => problem !== undefined);
  for (const [path, problem] of missing.slice(0, 10)) fail(`File "${path}"`, problem!);
  if (missing.length > 10) fail("Files", `${missing.length - 10} more are not as they were put`);
  if (files.length > 0 && missing.length === 0) print("Files check: OK");
  for (const name of packages) {
    const problem = await importProblem(name, folder);
    if (problem === undefined) print(`Package "${name}" imports: OK`);
    else if (problem.isWarning) print(`WARNING: Package "${name}" ${problem.why}`);
    else fail(`Package "${name}" does not import`, problem.why);
  }
  for (const [name, path] of Object.entries(flows)) {
    try {
      await loadStoredFlow(path, name);
      print(`Flow "${name}" loads: OK`);
    } catch (error) {
      fail(`Flow "${name}" does not load`, messageOf(error));
    }
  }
  print(isGood ? "All health checks passed." : "Health checks failed.");
  return isGood;
}

function readQuestions(file: string): ImageQuestions {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ImageQuestions;
  } catch (cause) {
    throw new FlowctlError("invalid", `Cannot read "${file}": ${messageOf(cause)}`, {
      hint: "Builds write this file into the container in which they check an image",
      cause,
    });
  }
}

function problemOf({ path, kind }: ImageQuestions["files"][number]): string | undefined {
  try {
    const found = lstatSync(path);
    // Where the image has a link to a folder, what is copied goes to where it leads. Later steps may have changed a file's content.
    if (kind === "folder") return undefined;
    if (kind === "link") return found.isSymbolicLink() ? undefined : "it is no link any more";
    return found.isFile() ? undefined : "it is no file";
  } catch (error) {
    const { code } = error as { code?: string };
    return code === "ENOENT" || code === "ENOTDIR" ? "it is not there" : messageOf(error);
  }
}

async function importProblem(name: string, folder: string): Promise<{ why: string; isWarning: boolean } | undefined> {
  const at = join(folder, "node_modules", name);
  if (!existsSync(join(at, "package.json"))) return { why: `it is not in "${folder}/node_modules"`, isWarning: false };
  let file: string;
  try {
    file = createRequire(join(folder, "flow.js")).resolve(name);
  } catch {
    // Types, or commands: nothing that a flow could import by that name.
    return { why: "has no module of its own that could be imported", isWarning: true };
  }
  try {
    await import(pathToFileURL(file).href);
    return undefined;
  } catch (error) {
    return { why: describeError(error), isWarning: false };
  }
}
