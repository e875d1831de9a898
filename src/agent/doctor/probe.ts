/**
 * A container of the default image that `doctor` starts, waits for and removes.
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import type { CreateContainerOptions, EngineInfo } from "../../docker/types.ts";
import { PLAIN, type Program, readyImage } from "../../runners/docker_images.ts";
import { PROBE_LABEL } from "../../runners/left_behind.ts";
import { LABELS } from "../../runners/runner.ts";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import { openIdentity, readIdentity } from "../identity.ts";

/** What a probe needs. */
export interface ProbeOptions {
  docker: Docker;
  info: EngineInfo;
  program: Program;
  home: string;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** The labels by which a probe that was left behind is known. */
export function probeLabels({ home, clock }: Pick<ProbeOptions, "home" | "clock">): Record<string, string> {
  return { [LABELS.installation]: identityOf(home).installation, [PROBE_LABEL]: clock.now().toString() };
}

/** The default image, made when it is not there yet; it stays, for runs need it. @throws FlowctlError see `readyImage()` */
export async function probeImage(options: ProbeOptions): Promise<string> {
  const { [LABELS.installation]: installation } = probeLabels(options);
  const labels = { [LABELS.installation]: installation };
  return (await readyImage(PLAIN, { ...options, pull: false, labels, carrierLabels: labels })).image;
}

/** Starts one, and answers how it ended and what it printed. @throws FlowctlError of the engine */
export async function runProbe(
  options: ProbeOptions,
  body: Partial<CreateContainerOptions>,
): Promise<{ code: number; said: string }> {
  const { docker, signal } = options;
  const Image = await probeImage(options);
  const container = await docker.createContainer({
    ...body,
    Image,
    Labels: probeLabels(options),
    HostConfig: { Init: true, LogConfig: { Type: "json-file" }, NetworkMode: "none", ...body.HostConfig },
  }, { signal });
  try {
    await container.start({ signal });
    const { StatusCode } = await container.wait({ signal });
    const lines: string[] = [];
    for await (const { line } of container.logs({ tty: false, signal })) lines.push(line);
    return { code: StatusCode, said: lines.join("\n") };
  } finally {
    // Not bound to the signal, which may be why it ends; an engine that hangs is not waited for.
    await container.remove({ force: true, v: true, signal: AbortSignal.timeout(10_000) }).catch(() => {});
  }
}

/** The id of the home, made when nobody needed it before. */
function identityOf(home: string): { installation: string } {
  const known = readIdentity(home);
  if (known !== undefined) return known;
  const made = openIdentity(home);
  made.release();
  return made;
}
