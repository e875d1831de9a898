/**
 * What is wrong with parameters, for a form: where, and what in people's words. The same check as that of a run.
 *
 * @module
 */

import { type SchemaFault, schemaFaults } from "../support/json_schema.ts";
import type { JsonObject } from "./common.ts";
import type { ParameterError } from "./deployment_views.ts";

/**
 * The errors of parameters, each at its place once; an empty list when they fit or when there is no schema.
 *
 * @throws {FlowctlError} `invalid` when the schema itself is wrong.
 *
 * @example
 * ```ts
 * import { parameterErrors } from "./parameter_errors.ts";
 *
 * const [error] = await parameterErrors({ size: 0 }, { properties: { size: { type: "integer", minimum: 1 } } });
 * console.assert(error.path[0] === "size" && error.message === "must be at least 1");
 * ```
 */
export async function parameterErrors(
  parameters: JsonObject,
  schema: JsonObject | null | undefined,
): Promise<ParameterError[]> {
  if (!schema || Object.keys(schema).length === 0) return [];
  const all = told(await schemaFaults(schema, parameters)).map(errorOf);
  return [...new Map(all.map((error) => [JSON.stringify(error), error])).values()];
}

const CHOICES = new Set(["anyOf", "oneOf"]);
/** Said by the words below them. */
const SILENT = new Set(["if", "contains", "propertyNames", "discriminator"]);

/**
 * Of a choice that fits nowhere the checker tells the faults of every branch. Told are those of the branch that was meant: the one
 * whose type and constants fit; and if there is none, all that the place could be.
 */
function told(faults: readonly SchemaFault[]): SchemaFault[] {
  let left = [...faults];
  for (const choice of faults) {
    if (!CHOICES.has(choice.keyword) || !left.includes(choice)) continue;
    // Several branches fit: the choice's own words are all there is.
    if (Array.isArray(choice.params.passingSchemas)) continue;
    const before = left.slice(0, left.indexOf(choice));
    const inside = before.filter((fault) => isBranchOf(fault, choice));
    if (inside.length === 0) continue;
    const branches = [...Map.groupBy(inside, (fault) => branchOf(fault, choice)).values()];
    const meant = branches.filter((branch) => !branch.some((fault) => excludes(fault, choice)));
    const fewest = meant.toSorted((a, b) => a.length - b.length)[0];
    const types = inside.filter((fault) => isAt(fault, choice) && fault.keyword === "type");
    const instead = fewest ?? (types.length === 0 ? [choice] : [{
      ...choice,
      keyword: "type",
      params: { type: types.flatMap(({ params }) => params.type) },
    }]);
    left = left.flatMap((fault) => fault === choice ? instead : inside.includes(fault) ? [] : [fault]);
  }
  return left.filter(({ keyword }) => !SILENT.has(keyword));
}

const isAt = (fault: SchemaFault, choice: SchemaFault) => fault.path.length === choice.path.length;

/** Faults behind a reference stand elsewhere in the schema; those are known by the value's place. */
const isBranchOf = (fault: SchemaFault, choice: SchemaFault): boolean =>
  choice.path.every((part, i) => fault.path[i] === part) &&
  (fault.schemaPath.startsWith(`${choice.schemaPath}/`) || /^#\/(\$defs|definitions)\//.test(fault.schemaPath));

const branchOf = (fault: SchemaFault, choice: SchemaFault): string =>
  fault.schemaPath.startsWith(`${choice.schemaPath}/`)
    ? fault.schemaPath.slice(choice.schemaPath.length).split("/")[1]
    : fault.schemaPath.split("/").slice(0, 3).join("/");

/** Whether a fault says that its branch was not the one that was meant. */
const excludes = (fault: SchemaFault, choice: SchemaFault): boolean =>
  isAt(fault, choice)
    ? ["type", "const", "enum"].includes(fault.keyword)
    : fault.keyword === "const" && fault.path.length === choice.path.length + 1;

function errorOf({ path, keyword, params, message }: SchemaFault): ParameterError {
  switch (keyword) {
    case "required":
      return { path: [...path, String(params.missingProperty)], message: "is required" };
    case "dependentRequired":
    case "dependencies":
      return { path: [...path, String(params.missingProperty)], message: `is required with "${params.property}"` };
    case "additionalProperties":
      return { path: [...path, String(params.additionalProperty)], message: "is not a known name" };
    case "unevaluatedProperties":
      return { path: [...path, String(params.unevaluatedProperty)], message: "is not a known name" };
    default:
      return { path, message: phrase(keyword, params) ?? message };
  }
}

const TYPES: Record<string, string> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "none",
};

/** Phrases by the schema's words; undefined: the checker's own are good enough. */
function phrase(keyword: string, params: Record<string, unknown>): string | undefined {
  const limit = params.limit as number;
  switch (keyword) {
    case "type":
      return `must be ${either([...new Set([params.type].flat().map((type) => TYPES[String(type)] ?? String(type)))])}`;
    case "enum":
      return `must be ${either((params.allowedValues as unknown[]).map((value) => JSON.stringify(value)))}`;
    case "const":
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case "minimum":
      return `must be at least ${limit}`;
    case "maximum":
      return `must be at most ${limit}`;
    case "exclusiveMinimum":
      return `must be more than ${limit}`;
    case "exclusiveMaximum":
      return `must be less than ${limit}`;
    case "multipleOf":
      return `must be a multiple of ${params.multipleOf}`;
    case "minLength":
      return `must have at least ${counted(limit, "character")}`;
    case "maxLength":
      return `must have at most ${counted(limit, "character")}`;
    case "pattern":
      return `must match the pattern ${params.pattern}`;
    case "minItems":
      return `must have at least ${counted(limit, "item")}`;
    case "maxItems":
      return `must have at most ${counted(limit, "item")}`;
    case "uniqueItems":
      return `must not hold the same twice: items ${Number(params.j) + 1} and ${Number(params.i) + 1} are equal`;
    case "minProperties":
      return `must have at least ${counted(limit, "entry")}`;
    case "maxProperties":
      return `must have at most ${counted(limit, "entry")}`;
    case "anyOf":
    case "oneOf":
      return Array.isArray(params.passingSchemas)
        ? "fits several of its forms: it must fit one"
        : "fits none of its forms";
    case "not":
      return "is not allowed";
    case "false schema":
      return "is not allowed";
    default:
      return undefined;
  }
}

const either = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

const counted = (count: number, noun: string): string =>
  `${count} ${count === 1 ? noun : noun === "entry" ? "entries" : `${noun}s`}`;
