/**
 * Parameters of flows: checked by a Standard Schema (zod, valibot, arktype, …) or by a JSON Schema.
 *
 * @module
 */

import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { checkParameters } from "../domain/parameters.ts";
import type { JsonObject } from "../domain/common.ts";
import { FlowctlError } from "../support/errors.ts";

/** What zod, valibot, arktype and others have in common; see https://standardschema.dev. */
export type { StandardSchemaV1 };

/** A JSON Schema of an object, draft 2020-12 or 07. */
export type JsonSchema = { readonly [key: string]: unknown };

/** What describes a flow's parameters. */
export type ParameterSchema = StandardSchemaV1 | JsonSchema;

/** Whether a schema is a Standard Schema; else it is a JSON Schema. */
export function isStandardSchema(schema: ParameterSchema): schema is StandardSchemaV1 {
  return typeof (schema as Partial<StandardSchemaV1>)["~standard"]?.validate === "function";
}

/**
 * Makes the check of a flow's parameters. A Standard Schema may change values (defaults, dates); a JSON Schema does not.
 *
 * @returns Undefined without a schema: then nothing is checked.
 */
export function preparation(
  name: string,
  schema: ParameterSchema | undefined,
): ((parameters: unknown) => Promise<unknown>) | undefined {
  if (schema === undefined) return undefined;
  const refuse = (problems: string[]) =>
    new FlowctlError("invalid", `Cannot run flow "${name}": ${problems.join("; ").replace(/\.$/, "")}`);
  if (!isStandardSchema(schema)) {
    return async (parameters) => {
      const given = (parameters ?? {}) as JsonObject;
      const problems = await checkParameters(given, schema as JsonObject);
      if (problems.length > 0) throw refuse(problems);
      return given;
    };
  }
  return async (parameters) => {
    const result = await schema["~standard"].validate(parameters ?? {});
    if (result.issues === undefined) return result.value;
    throw refuse(result.issues.map((issue) => {
      const path = (issue.path ?? []).map((part) => typeof part === "object" ? part.key : part).join(".");
      return path === "" ? issue.message : `Parameter "${path}": ${issue.message}`;
    }));
  };
}

/**
 * The JSON Schema of a flow's parameters, for the API and the page. A Standard Schema tells it itself (`~standard.jsonSchema`, or a
 * method `toJSONSchema`, as zod 4 has); one that can't gives undefined, and the API then checks nothing.
 */
export function jsonSchemaOf(schema: ParameterSchema | undefined): JsonObject | undefined {
  if (schema === undefined) return undefined;
  if (!isStandardSchema(schema)) return schema as JsonObject;
  const standard = schema["~standard"] as Partial<StandardJSONSchemaV1.Props>;
  const own = schema as { toJSONSchema?: (options?: object) => unknown };
  for (
    const make of [
      () => standard.jsonSchema?.input({ target: "draft-2020-12" }),
      () => own.toJSONSchema?.({ io: "input" }),
      // zod: what JSON cannot say (a date, a bigint) may be anything there, and the rest is told all the same.
      () => own.toJSONSchema?.({ io: "input", unrepresentable: "any" }),
    ]
  ) {
    try {
      const made = make();
      if (typeof made === "object" && made !== null) return JSON.parse(JSON.stringify(made)) as JsonObject;
    } catch {
      // A schema with something that JSON Schema cannot say.
    }
  }
  return undefined;
}
