/**
 * Checks values against JSON Schema, drafts 2020-12 (the default) and 07. The only importer of `ajv`.
 *
 * The library is loaded on the first check: it is large, and most commands never need it. That makes the check asynchronous.
 *
 * @module
 */

import type { ErrorObject, Options, ValidateFunction } from "ajv";
import { FlowctlError, messageOf } from "./errors.ts";
import { loadPatterns, patternBudget } from "./patterns.ts";

/** One thing that is wrong with a value. */
export interface SchemaProblem {
  /** Where, as `items[0].name`; empty for the value itself. */
  path: string;
  /** What, as a phrase without subject: `must be number`. */
  message: string;
}

interface Compiler {
  compile(schema: Record<string, unknown>): ValidateFunction;
  removeSchema(schema: Record<string, unknown>): unknown;
}

const OPTIONS: Options = {
  // Schemas come from Prefect's clients too: `position`, `format: "date-time"` and other words are let pass.
  strict: false,
  validateFormats: false,
  logger: false,
  allErrors: true,
  // An `$id` would otherwise be known for ever, and the second schema of that id refused.
  addUsedSchema: false,
};
const MOST_KEPT = 200;

const compilers = new Map<string, Promise<Compiler>>();
const compiled = new Map<string, ValidateFunction>();

const loaders: Record<"07" | "2020", () => Promise<Compiler>> = {
  "07": async () => new (await import("ajv")).Ajv({ ...OPTIONS, code: { regExp: await engine() } }),
  "2020": async () => new (await import("ajv/dist/2020.js")).Ajv2020({ ...OPTIONS, code: { regExp: await engine() } }),
};

/** Schemas come from whoever may write deployments: their patterns must not be able to hang the server. */
const engine = async () => {
  const read = await loadPatterns();
  // The library knows patterns by their texts: without one, all would be the first that it met.
  const compile = (pattern: string) => {
    const { test, size } = read(pattern);
    steps += size;
    if (steps > MOST_STEPS) throw new FlowctlError("invalid", "its patterns together stand for too much");
    return { test: (text: string) => test(text, budget), toString: () => `/${pattern}/` };
  };
  return Object.assign(compile, { code: "" });
};

/** How large the patterns of one schema may be together, and how large those of the one that is being read are. */
const MOST_STEPS = 100_000;
let steps = 0;

/** Of the validation that is under way; there is only one, as it awaits nothing. */
let budget = patternBudget();

async function validatorOf(schema: Record<string, unknown>): Promise<ValidateFunction> {
  const text = JSON.stringify(schema);
  const known = compiled.get(text);
  if (known) return known;
  const draft = /draft-0[67]/.test(String(schema.$schema ?? "")) ? "07" : "2020";
  if (!compilers.has(draft)) compilers.set(draft, loaders[draft]());
  const compiler = await compilers.get(draft)!;
  // Draft 04's http://json-schema.org/schema# and the like name no draft that is built in: they are read as the default.
  const own = JSON.parse(text) as Record<string, unknown>;
  if (!/draft-07|2020-12/.test(String(own.$schema ?? ""))) delete own.$schema;
  try {
    steps = 0;
    const validate = compiler.compile(own);
    if (compiled.size >= MOST_KEPT) compiled.delete(compiled.keys().next().value!);
    compiled.set(text, validate);
    return validate;
  } catch (error) {
    throw new FlowctlError("invalid", `Cannot use JSON schema: ${messageOf(error).replace(/\.$/, "")}`, {
      cause: error,
    });
  } finally {
    compiler.removeSchema(own);
  }
}

/**
 * What is wrong with a value; an empty list when nothing is.
 *
 * Formats (`date-time`, `uuid`) are not checked, defaults are not filled in, and nothing is fetched: a `$ref` out of the
 * schema is an error of the schema.
 *
 * @throws {FlowctlError} `invalid` when the schema itself is wrong.
 *
 * @example
 * ```ts
 * import { validateJsonSchema } from "./json_schema.ts";
 *
 * const problems = await validateJsonSchema({ properties: { n: { type: "integer" } } }, { n: "one" });
 * console.assert(problems[0].path === "n" && problems[0].message === "must be integer");
 * ```
 */
export async function validateJsonSchema(schema: Record<string, unknown>, value: unknown): Promise<SchemaProblem[]> {
  return (await errorsOf(schema, value)).map(problemOf);
}

async function errorsOf(schema: Record<string, unknown>, value: unknown): Promise<ErrorObject[]> {
  const validate = await validatorOf(schema);
  budget = patternBudget();
  return validate(value) ? [] : validate.errors ?? [];
}

/** One thing that is wrong, as the checker found it. */
export interface SchemaFault {
  /** Where: names and places in lists. */
  path: (string | number)[];
  /** The word of the schema that was not met, e.g. `minimum`. */
  keyword: string;
  /** Where that word stands, e.g. `#/properties/size/minimum`. */
  schemaPath: string;
  /** What the word asks for. */
  params: Record<string, unknown>;
  message: string;
}

/**
 * What is wrong with a value, in parts: the same check as {@link validateJsonSchema}, for whoever has words of their own.
 *
 * @throws {FlowctlError} `invalid` when the schema itself is wrong.
 */
export async function schemaFaults(schema: Record<string, unknown>, value: unknown): Promise<SchemaFault[]> {
  return (await errorsOf(schema, value)).map((
    { instancePath, keyword, schemaPath, params, message = "is not allowed" },
  ) => ({
    path: segmentsOf(instancePath, value),
    keyword,
    schemaPath,
    params,
    message,
  }));
}

/** A place in a list is a number, a name is a text, even if it is all digits. */
function segmentsOf(pointer: string, value: unknown): (string | number)[] {
  let at = value;
  return pointer.split("/").slice(1).map((part) => {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    const segment = Array.isArray(at) ? Number(name) : name;
    at = (at as Record<string | number, unknown> | null | undefined)?.[segment];
    return segment;
  });
}

function problemOf({ instancePath, keyword, message = "is not allowed", params }: ErrorObject): SchemaProblem {
  const path = instancePath
    .split("/").slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((all, part) => /^\d+$/.test(part) ? `${all}[${part}]` : all ? `${all}.${part}` : part, "");
  switch (keyword) {
    case "required":
      return { path: join(path, params.missingProperty), message: "is required" };
    case "additionalProperties":
      return { path: join(path, params.additionalProperty), message: "is not a known name" };
    case "unevaluatedProperties":
      return { path: join(path, params.unevaluatedProperty), message: "is not a known name" };
    case "enum":
      return {
        path,
        message: `must be one of ${params.allowedValues.map((v: unknown) => JSON.stringify(v)).join(", ")}`,
      };
    case "const":
      return { path, message: `must be ${JSON.stringify(params.allowedValue)}` };
    default:
      return { path, message };
  }
}

const join = (path: string, name: string) => path ? `${path}.${name}` : name;
