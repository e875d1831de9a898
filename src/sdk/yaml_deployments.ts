/**
 * Deployments as YAML, near Prefect 2.0a7's: one mapping, or a list of them.
 *
 * ```yaml
 * name: nightly
 * flow_location: ./flow.ts     # relative to this file
 * flow_name: etl               # may be left out when the file defines one flow
 * project: default
 * parameters: { days: 1 }
 * tags: [etl]
 * labels: [gpu]
 * schedule: { cron: "0 2 * * *", timezone: Europe/London }   # or interval: 1h, or rrule: …
 * schedules: [{ interval: 3600 }]
 * flow_runner:
 *   type: docker               # or subprocess
 *   config: { image: node:22, memory: 512m, env: { TOKEN: { secret: API_TOKEN } } }
 * secrets: [DB_PASSWORD]       # what Secret.load may read, beside those in env; default: the flow's
 * description: Loads what is new
 * version: "7"
 * ```
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { userFile } from "../bundles/loader.ts";
import { JsonObject } from "../domain/common.ts";
import { FlowRunnerSpec, type FlowRunnerSpecInput } from "../domain/flow_runners.ts";
import { Name } from "../domain/flows.ts";
import { Schedule } from "../domain/schedules/schema.ts";
import { SecretName } from "../domain/secrets.ts";
import { FlowctlError } from "../support/errors.ts";
import { parseYaml } from "../support/yaml.ts";
import type { LoadedDeployment } from "./deployments.ts";
import { checkOptions } from "./options.ts";
import { loadFlowFile } from "./load_flow_file.ts";
import type { AnyFlow } from "./registry.ts";

/** One deployment in a YAML file. */
export const YamlDeployment = z.strictObject({
  name: Name,
  flow_location: z.string().min(1),
  flow_name: z.string().optional(),
  project: Name.optional(),
  parameters: JsonObject.optional(),
  tags: z.array(z.string()).optional(),
  labels: z.array(z.string()).optional(),
  schedule: Schedule.optional(),
  schedules: z.array(Schedule).optional(),
  flow_runner: FlowRunnerSpec.optional(),
  secrets: z.array(SecretName).optional(),
  description: z.string().optional(),
  version: z.union([z.string(), z.number()]).transform(String).optional(),
});
/** See {@link YamlDeployment}. */
export type YamlDeployment = z.output<typeof YamlDeployment>;

/** Reads a YAML file and loads the flow files it names. @throws {FlowctlError} `not_found`, `invalid`, `user_code` */
export async function loadYamlDeployments(path: string): Promise<LoadedDeployment[]> {
  if (!existsSync(path)) throw new FlowctlError("not_found", `Cannot load "${path}": there is no such file`);
  const value = parseYaml(readFileSync(path, "utf8"), { path });
  const items = Array.isArray(value) ? value : [value];
  if (items.length === 0) throw new FlowctlError("invalid", `Cannot find a deployment in "${path}": it is empty`);
  const flows = new Map<string, AnyFlow[]>();
  const all: LoadedDeployment[] = [];
  for (const [i, item] of items.entries()) {
    const where = Array.isArray(value) ? `${path}, deployment ${i + 1}` : path;
    const spec = parsed(item, where);
    const file = userFile(resolve(dirname(resolve(path)), spec.flow_location));
    if (!flows.has(file)) flows.set(file, (await loadFlowFile(file, () => [spec.flow_runner])).flows);
    const flow = chosen(flows.get(file)!, spec, where);
    const twin = all.find((other) => other.name === spec.name && other.flow.name === flow.name);
    if (twin !== undefined) {
      throw new FlowctlError(
        "invalid",
        `Cannot load "${path}": deployment "${flow.name}/${spec.name}" is defined twice`,
      );
    }
    all.push(toLoaded(spec, flow, file));
  }
  return all;
}

function parsed(item: unknown, where: string): YamlDeployment {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    throw new FlowctlError(
      "invalid",
      `Cannot load "${where}": a deployment is a mapping with "name" and "flow_location"`,
    );
  }
  checkOptions(`deployment of "${where}"`, item, Object.keys(YamlDeployment.shape));
  const result = YamlDeployment.safeParse(item);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  throw new FlowctlError("invalid", `Cannot load "${where}": "${path.join(".")}": ${message.replace(/\.$/, "")}`);
}

function chosen(flows: AnyFlow[], spec: YamlDeployment, where: string): AnyFlow {
  const found = spec.flow_name === undefined
    ? flows.length === 1 ? flows[0] : undefined
    : flows.find((flow) => flow.name === spec.flow_name);
  if (found !== undefined) return found;
  const names = flows.map((flow) => `"${flow.name}"`).join(", ") || "none";
  const wanted = spec.flow_name === undefined ? "flow_name is not given" : `flow "${spec.flow_name}" is not there`;
  throw new FlowctlError("invalid", `Cannot load "${where}": ${wanted}, and "${spec.flow_location}" defines ${names}`);
}

function toLoaded(spec: YamlDeployment, flow: AnyFlow, path: string): LoadedDeployment {
  const schedules = [...(spec.schedule === undefined ? [] : [spec.schedule]), ...(spec.schedules ?? [])];
  return {
    name: spec.name,
    flow,
    path,
    project: spec.project ?? flow.project,
    parameters: spec.parameters ?? {},
    tags: spec.tags ?? [],
    labels: spec.labels ?? [...flow.labels],
    schedules: schedules.map((schedule) => ({ schedule })),
    flow_runner: (spec.flow_runner ?? { type: "docker" }) as FlowRunnerSpecInput,
    secrets: spec.secrets ?? [...flow.secrets],
    version: spec.version,
    description: spec.description,
  };
}
