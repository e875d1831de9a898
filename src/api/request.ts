/**
 * Reads a request into what a route takes: limits, content types, shapes, Prefect's version header.
 *
 * @module
 */

import type { z } from "zod";
import { BundleHash } from "../domain/bundles.ts";
import { Id } from "../domain/common.ts";
import { FlowctlError } from "../support/errors.ts";
import { problemsOf, ValidationError } from "./errors.ts";
import type { Route } from "./route.ts";

/** The version of Prefect's REST API that we answer as. */
export const API_VERSION = "0.8.4";

/** The oldest version that a client may name. */
const OLDEST = "0.8.0";

/** The largest JSON body in bytes. Prefect's client sends logs in batches of up to 4,000,000. */
export const BODY_LIMIT = 4 * 1024 * 1024;

/** The longest body that an error repeats, in characters. */
const MOST_REPEATED = 20_000;

/** Refuses clients of another age, in Prefect's words; without the header every client is welcome. */
export function checkVersion(header: string | null): void {
  // An empty one is as good as none (Prefect).
  if (!header || header === API_VERSION) return;
  const refuse = (message: string) => {
    throw new FlowctlError("invalid", message, { details: { status: 400 } });
  };
  if (!/^\d+\.\d+\.\d+$/.test(header)) {
    refuse(
      `Invalid X-PREFECT-API-VERSION header format.Expected header in format 'x.y.z' but received ${
        header.slice(0, 100)
      }`,
    );
  }
  const [given, oldest] = [header, OLDEST].map((text) => text.split(".").map(Number));
  const difference = given.map((part, i) => part - oldest[i]).find((part) => part !== 0) ?? 0;
  if (difference < 0) {
    refuse(`The request specified API version ${header} but this server requires version ${OLDEST} or higher.`);
  }
}

/** The parameters of the path, checked by their names. */
export function readParams(names: readonly string[], param: (name: string) => string): Record<string, string> {
  const params: Record<string, string> = {};
  for (const name of names) {
    const given = param(name);
    const schema = name.endsWith("id") ? Id : name === "hash" ? BundleHash : undefined;
    if (schema === undefined) {
      params[name] = given;
      continue;
    }
    const result = schema.safeParse(given);
    if (!result.success) {
      const type = schema === Id ? "type_error.uuid" : "value_error";
      throw new ValidationError([{ loc: ["path", name], msg: result.error.issues[0].message, type }], null);
    }
    params[name] = result.data;
  }
  return params;
}

/** The query, as one text for each name. */
export function readQuery(schema: z.ZodType, url: string): unknown {
  const at = url.indexOf("?");
  const given = at < 0 ? {} : Object.fromEntries(new URLSearchParams(url.slice(at)));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new ValidationError(problemsOf(result.error, "query", given), null);
}

/** The body in the shape of the route. */
export async function readBody(route: Route, request: Request): Promise<unknown> {
  const schema = route.body!;
  const text = await readText(request, route.bodyLimit ?? BODY_LIMIT);
  const type = request.headers.get("content-type");
  if (text === "" && route.bodyOptional) return parse(schema, {}, undefined);
  if (text !== "") checkType(type, route.text === true);
  if (route.text) return parse(schema, text, undefined);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    const problem = text === ""
      ? { loc: ["body"], msg: "field required", type: "value_error.missing" }
      // A parser quotes what it read.
      : {
        loc: ["body"],
        msg: route.secretBody ? "invalid JSON" : (error as Error).message,
        type: "value_error.jsondecode",
      };
    throw new ValidationError([problem], null);
  }
  if (given === null && route.bodyOptional) given = {};
  return parse(schema, given, text.length <= MOST_REPEATED && !route.secretBody ? given : undefined);
}

function parse(schema: z.ZodType, given: unknown, repeated: unknown): unknown {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new ValidationError(problemsOf(result.error, "body", given).slice(0, 100), repeated);
}

/**
 * JSON only: a page elsewhere can send forms and plain text to us without asking the browser, JSON it can't.
 */
function checkType(header: string | null, text: boolean): void {
  const type = header?.split(";")[0].trim().toLowerCase() ?? "";
  if (type === "application/json" || /^application\/[\w.-]+\+json$/.test(type)) return;
  if (text && (type === "text/plain" || type === "application/octet-stream")) return;
  const wanted = text ? "text/plain" : "application/json";
  throw new FlowctlError("invalid", `Cannot read body: its content type is "${type}", wanted "${wanted}"`, {
    details: { status: 415 },
  });
}

async function readText(request: Request, limit: number): Promise<string> {
  const tooLarge = () => {
    throw new FlowctlError("too_large", `Cannot read body: it is larger than ${limit} bytes`);
  };
  const length = request.headers.get("content-length");
  if (length !== null) {
    // The listener holds the client to what it announced.
    if (Number(length) > limit) tooLarge();
    return Number(length) === 0 ? "" : await request.text();
  }
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > limit) tooLarge();
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return new TextDecoder().decode(whole);
}
