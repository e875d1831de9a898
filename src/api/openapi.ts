/**
 * The OpenAPI 3.1 document, made of the very schemas that validate.
 *
 * Zod writes JSON Schema 2020-12 itself, which is what OpenAPI 3.1 holds, so nothing needs to be registered before. It is made once,
 * when somebody asks for it.
 *
 * @module
 */

import { z } from "zod";
import { AgentCreate, AgentStatus, Claim, ClaimAnswer, ClaimRequest, Lease } from "../domain/agents.ts";
import * as deployments from "../domain/deployments.ts";
import * as filters from "../domain/filters.ts";
import { DockerRunnerConfig, FlowRunnerSpec, SubprocessRunnerConfig } from "../domain/flow_runners.ts";
import * as flowRuns from "../domain/flow_runs.ts";
import { Flow, FlowCreate, FlowDetails } from "../domain/flows.ts";
import { FlowTask, FlowVersion } from "../domain/flow_versions.ts";
import { Log, LogCreate } from "../domain/logs.ts";
import { OrchestrationDetails, OrchestrationResult, SetState } from "../domain/orchestration.ts";
import { Project, ProjectCreate } from "../domain/projects.ts";
import * as registrations from "../domain/registrations.ts";
import { Schedule } from "../domain/schedules/schema.ts";
import { RegistryLogin, RegistryLoginInfo } from "../domain/registry_logins.ts";
import { SecretInfo, SecretReference } from "../domain/secrets.ts";
import { State, StateCreate, StateDetails, StateType } from "../domain/states.ts";
import * as taskRuns from "../domain/task_runs.ts";
import * as tokens from "../domain/tokens.ts";
import type { Route } from "./route.ts";

/** A JSON Schema. */
export type JsonSchema = { [key: string]: unknown };

/** One operation of {@link OpenApiDocument}. */
export interface Operation {
  tags: string[];
  summary: string;
  description?: string;
  operationId: string;
  parameters?: { name: string; in: "path" | "query"; required: boolean; schema: JsonSchema }[];
  requestBody?: { required: boolean; content: Record<string, { schema: JsonSchema }> };
  /** Empty for what is answered to everybody. */
  security?: Record<string, string[]>[];
  responses: Record<string, { description: string; content?: Record<string, { schema: JsonSchema }> }>;
}

/** As much of an OpenAPI document as we write. */
export interface OpenApiDocument {
  openapi: "3.1.0";
  info: { title: string; version: string; description: string };
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, JsonSchema> };
  security: Record<string, string[]>[];
}

/** The schemas that have a name of their own in the document. */
const NAMED: Record<string, z.ZodType> = {
  Agent: AgentStatus,
  AgentCreate,
  Claim,
  ClaimAnswer,
  ClaimRequest,
  Deployment: deployments.Deployment,
  DeploymentCreate: deployments.DeploymentCreate,
  DeploymentSchedule: deployments.DeploymentSchedule,
  DeploymentScheduleCreate: deployments.DeploymentScheduleCreate,
  DeploymentUpdate: deployments.DeploymentUpdate,
  DeploymentFilter: filters.DeploymentFilter,
  DockerRunnerConfig,
  Filters: filters.Filters,
  Flow,
  FlowCreate,
  FlowDetails,
  FlowFilter: filters.FlowFilter,
  FlowRun: flowRuns.FlowRun,
  FlowRunCreate: flowRuns.FlowRunCreate,
  FlowRunFilter: filters.FlowRunFilter,
  FlowRunPolicy: flowRuns.FlowRunPolicy,
  FlowRunUpdate: flowRuns.FlowRunUpdate,
  FlowRunnerSpec,
  FlowTask,
  FlowVersion,
  RegisteredVersion: registrations.RegisteredVersion,
  Registration: registrations.Registration,
  RegistrationCheck: registrations.RegistrationCheck,
  RegistrationChecked: registrations.RegistrationChecked,
  RegistrationCreate: registrations.RegistrationCreate,
  DeploymentFlowRunCreate: flowRuns.DeploymentFlowRunCreate,
  HistoryInterval: flowRuns.HistoryInterval,
  Lease,
  Log,
  LogCreate,
  LogFilter: filters.LogFilter,
  OrchestrationDetails,
  OrchestrationResult,
  Project,
  ProjectCreate,
  RegistryLogin,
  RegistryLoginInfo,
  Schedule,
  SecretInfo,
  SecretReference,
  SetState,
  State,
  StateCreate,
  StateDetails,
  StateType,
  SubprocessRunnerConfig,
  TaskRun: taskRuns.TaskRun,
  TaskRunCreate: taskRuns.TaskRunCreate,
  TaskRunFilter: filters.TaskRunFilter,
  TaskRunPolicy: taskRuns.TaskRunPolicy,
  Token: tokens.Token,
  TokenCreate: tokens.TokenCreate,
  TokenMade: tokens.TokenMade,
};

const REF = "#/components/schemas/";

let known: OpenApiDocument | undefined;

/** The document. */
export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  return known ??= makeDocument(routes, version);
}

function makeDocument(routes: readonly Route[], version: string): OpenApiDocument {
  // One registry for everything, so that schemas refer to each other by name.
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const inline = new Map<z.ZodType, string>();
  const name = (schema: z.ZodType): string => {
    const id = registry.get(schema)?.id ?? inline.get(schema);
    if (id !== undefined) return id;
    const fresh = `inline-${inline.size}`;
    inline.set(schema, fresh);
    registry.add(schema, { id: fresh });
    return fresh;
  };
  for (const { body, query, answers } of routes) {
    for (const schema of [body, query, ...Object.values(answers)]) {
      if (schema && typeof schema !== "string") name(schema);
    }
  }
  // Both what comes in and what goes out is described as input: transforms (ids, times) have no output schema.
  const { schemas } = z.toJSONSchema(registry, {
    io: "input",
    unrepresentable: "any",
    uri: (id) => REF + id,
  }) as { schemas: Record<string, JsonSchema> };
  hoistShared(schemas);
  for (const schema of Object.values(schemas)) {
    delete schema.$schema;
    delete schema.$id;
    delete schema.id;
  }
  const schemaOf = (schema: z.ZodType): JsonSchema => {
    const id = name(schema);
    return id.startsWith("inline-") ? schemas[id] : { $ref: REF + id };
  };

  const paths: OpenApiDocument["paths"] = {};
  for (const route of routes) {
    (paths[`/api${route.path}`] ??= {})[route.method.toLowerCase()] = operationOf(route, schemaOf);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "flowctl",
      version,
      description: "The REST API of flowctl. It is Prefect 2.20's, with what that has no word for beside it.",
    },
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    security: [{ token: [] }],
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "Made by flowctl auth create-token." } },
      schemas: Object.fromEntries(
        Object.entries(schemas).filter(([id]) => !id.startsWith("inline-")).sort(([a], [b]) => a < b ? -1 : 1),
      ),
    },
  };
}

/** Zod puts what is recursive but has no name (any JSON value) into one place of its own; here everything has its own name. */
function hoistShared(schemas: Record<string, JsonSchema>): void {
  const shared = (schemas.__shared?.$defs ?? {}) as Record<string, JsonSchema>;
  delete schemas.__shared;
  const nameOf = (id: string) => id === "schema0" ? "Json" : `Json_${id}`;
  for (const [id, schema] of Object.entries(shared)) schemas[nameOf(id)] = schema;
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const found = value as JsonSchema;
    if (typeof found.$ref === "string") {
      found.$ref = found.$ref.replace(/^.*(?:__shared)?#\/\$defs\/(\w+)$/, (_, id: string) => REF + nameOf(id));
    }
    for (const inner of Object.values(found)) walk(inner);
  };
  walk(schemas);
}

function operationOf(route: Route, schemaOf: (schema: z.ZodType) => JsonSchema): Operation {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path" as const,
    required: true,
    schema: name.endsWith("id") ? { type: "string", format: "uuid" } : { type: "string" },
  }));
  const query = route.query === undefined ? undefined : schemaOf(route.query);
  const required = (query?.required ?? []) as string[];
  const inQuery = Object.entries((query?.properties ?? {}) as Record<string, JsonSchema>).map(([name, schema]) => ({
    name,
    in: "query" as const,
    required: required.includes(name),
    schema,
  }));
  const parameters = [...inPath, ...inQuery];
  const responses: Operation["responses"] = {};
  for (const [status, answer] of Object.entries(route.answers)) {
    responses[status] = typeof answer === "string"
      ? { description: answer }
      : { description: DESCRIPTIONS[status] ?? "", content: { "application/json": { schema: schemaOf(answer) } } };
  }
  if (inPath.some(({ name }) => name.endsWith("id"))) responses["404"] ??= { description: "Nothing has that id" };
  if (route.body !== undefined || parameters.length > 0) {
    responses["422"] ??= { description: "The request does not have this shape" };
  }
  const access = route.access ?? "USER";
  const scope = access === "OPEN" ? "Needs no token." : access === "USER" ? "" : `Needs a token of scope ${access}.`;
  const about = [route.about, scope].filter(Boolean).join(" ");
  if (access !== "OPEN") responses["401"] ??= { description: "A token is needed, and there is none or a wrong one" };
  return {
    tags: [route.tag],
    summary: route.summary,
    ...(about === "" ? {} : { description: about }),
    operationId: `${route.method.toLowerCase()}${
      route.path.replace(/[{}]/g, "").replace(/\W+/g, "_").replace(/_$/, "")
    }`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : {
      requestBody: {
        required: !route.bodyOptional,
        content: { [route.text ? "text/plain" : "application/json"]: { schema: schemaOf(route.body) } },
      },
    }),
    ...(access === "OPEN" ? { security: [] } : {}),
    responses,
  };
}

const DESCRIPTIONS: Record<string, string> = {
  200: "Found, or there already",
  201: "Made",
  422: "Always",
};
