/**
 * Health checks: runs a built image with `flowctl image check`, as a run would be started in it.
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import { tarOf } from "../../docker/tar.ts";
import { FlowctlError } from "../../support/errors.ts";
import { harmless, truncate } from "../../support/text.ts";
import { PUT_IN_FOLDER } from "./base_image.ts";
import type { ExpectedFile } from "./copied_files.ts";

/** What an image is asked; handed in as a file. */
export interface ImageQuestions {
  /** The version of flowctl that builds, and its runtime. */
  version: string;
  runtime: string;
  /** Names of flows → where their code lies. */
  flows: Record<string, string>;
  /** Packages that must import, as they were named. */
  packages: string[];
  /** The folder beside whose `node_modules` flows lie. */
  folder: string;
  files: ExpectedFile[];
}

/** The file with the questions, in the container only. */
export const QUESTIONS_FILE = "/flowctl-check.json";
/** Lines of the check that begin so say why it failed. */
export const FAILURE_MARK = "FAILED: ";

/** See {@link checkImage}. */
export interface CheckImageOptions {
  docker: Docker;
  id: string;
  /** For messages. */
  name: string;
  /** Where the image has flowctl. */
  flowctl: string;
  questions: ImageQuestions;
  labels: Record<string, string>;
  print: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Asks, and prints what the image answers.
 *
 * @throws {FlowctlError} `user_code` with the reasons of what failed
 */
export async function checkImage(options: CheckImageOptions): Promise<void> {
  const { docker, id, name, flowctl, questions, labels, print, signal } = options;
  const { Config } = await docker.getImage(id).inspect({ signal });
  const path = Config?.Env?.find((pair) => pair.startsWith("LD_LIBRARY_PATH="))?.slice("LD_LIBRARY_PATH=".length);
  const container = await docker.createContainer({
    Image: id,
    Entrypoint: [flowctl],
    Cmd: ["image", "check", QUESTIONS_FILE],
    Env: [
      ...flowctl.startsWith(`${PUT_IN_FOLDER}/`)
        // The program takes the first part away, before anything else is loaded.
        ? [`LD_LIBRARY_PATH=${[PUT_IN_FOLDER, path].filter(Boolean).join(":")}`]
        : [],
      // Without "=" the engine takes a variable of the image away: these would make another program of it.
      "BUN_OPTIONS",
      "BUN_BE_BUN",
    ],
    Labels: labels,
    HostConfig: { LogConfig: { Type: "json-file" } },
  }, { signal });
  try {
    const file = { path: QUESTIONS_FILE.slice(1), content: JSON.stringify(questions), mode: 0o644 };
    await container.putArchive(tarOf([file]), { path: "/", signal });
    await container.start({ signal });
    const { StatusCode } = await container.wait({ signal });
    // Only after its end are they whole. A check takes a second; nobody misses lines that come as they are printed.
    const said: string[] = [];
    for await (const { line: text } of container.logs({ signal })) {
      const line = harmless(text).trimEnd();
      if (line === "") continue;
      said.push(line);
      print(line);
    }
    signal?.throwIfAborted();
    if (StatusCode === 0) return;
    const failed = said.filter((line) => line.startsWith(FAILURE_MARK)).map((line) => line.slice(FAILURE_MARK.length));
    const reason = failed.join("; ") || said.at(-1) || "it printed nothing";
    throw new FlowctlError(
      "user_code",
      `Cannot use image "${name}": a health check failed: ${truncate(reason, 1000)}`,
      {
        hint: "Mend that, or build without checks: ignoreHealthchecks: true",
        details: { exitCode: StatusCode, output: said },
      },
    );
  } finally {
    await container.remove({ force: true, v: true }).catch(() => {});
  }
}
