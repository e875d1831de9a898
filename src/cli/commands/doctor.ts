/**
 * `flowctl doctor`: what works on this machine, and what to do about the rest.
 *
 * @module
 */

import { type CheckName, CHECKS } from "../../agent/doctor/check.ts";
import { FlowctlError } from "../../support/errors.ts";
import { command, type MakeCommand, Option, outputOption } from "../command.ts";

/** See the module's comment. */
export const doctor: MakeCommand = (context) =>
  command(context, "doctor", {
    description: "Check home, API, engine, disk, binary, clocks, names, and the way from containers to the API",
    examples: ["flowctl doctor", "flowctl doctor --image node:22", "flowctl doctor --only engine --only api -o json"],
    notes:
      "Exits with 1 when something fails. A registry is asked only when an image is named, with the login that the docker\n" +
      "configuration has. To try the way from containers to the API, a container of the default image is started and\n" +
      "removed.",
  })
    .option("--image <image>", "see whether the engine can pull this image")
    .addOption(
      new Option("--only <check>", `run only this check: ${CHECKS.join(", ")}; repeat for more`).argParser(
        collectChecks,
      ),
    )
    .option("--base-url <url>", "address of the Docker Engine; default: DOCKER_HOST, else the local one")
    .addOption(outputOption())
    .action(async (options) => {
      const found = await context.parts.runDoctor({
        connect: context.connect,
        env: context.env,
        baseUrl: options.baseUrl,
        image: options.image,
        only: options.only,
        clock: context.clock,
        log: context.log("WARNING"),
        signal: context.signal,
      });
      context.signal.throwIfAborted();
      await context.out.list(options.output, found, {
        columns: {
          Check: (one) => one.check,
          Status: (one) => one.status,
          Found: (one) => one.message,
          Fix: (one) => one.fix ?? "",
        },
        name: (one) => `${one.check} ${one.status}`,
        empty: "Nothing was checked",
      });
      if (found.some(({ status }) => status === "fail")) context.exitCode = 1;
    });

function collectChecks(text: string, all: CheckName[] = []): CheckName[] {
  const found = CHECKS.find((one) => one === text);
  if (found !== undefined) return [...all, found];
  throw new FlowctlError("invalid", `Cannot check "${text}": it is not one of ${CHECKS.join(", ")}`);
}
