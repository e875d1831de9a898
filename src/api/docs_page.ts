/**
 * The API reference as a page: the OpenAPI document, rendered here, so that it loads nothing from elsewhere and needs no script.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { JsonSchema, OpenApiDocument, Operation } from "./openapi.ts";

const STYLE = `
:root{color-scheme:light dark;--line:#8884}
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1rem}
nav a{margin-right:1em}details{border:1px solid var(--line);border-radius:6px;margin:.4rem 0;padding:.3rem .7rem}
details details{border:0;padding:0 0 0 1rem;margin:0}summary{cursor:pointer;overflow-wrap:anywhere}
code,b{font-family:ui-monospace,monospace;font-size:.92em}b{display:inline-block;min-width:4.2em}
ul{margin:.2rem 0;padding-left:1.3rem}i{opacity:.7}p{white-space:pre-line}
`;
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

const escape = (text: unknown): string => String(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** The page. */
export function docsPage(document: OpenApiDocument): Response {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))
  );
  const sections = document.tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2 id="${escape(name)}">${escape(name)}</h2>` +
      own.map(({ path, method, operation }) => operationHtml(path, method, operation)).join("");
  });
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) =>
    `<details id="schema-${escape(name)}"><summary><code>${escape(name)}</code></summary>${
      schemaHtml(schema)
    }</details>`
  );
  const links = [...document.tags.map(({ name }) => name), "Shapes"]
    .map((name) => `<a href="#${escape(name)}">${escape(name)}</a>`).join("");
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>flowctl API reference</title>
<style>${STYLE}</style></head><body><h1>flowctl ${escape(document.info.version)}: API reference</h1>
<p>${escape(document.info.description)} As a document: <a href="/openapi.json">/openapi.json</a></p><nav>${links}</nav>
${sections.join("\n")}<h2 id="Shapes">Shapes</h2>${schemas.join("\n")}</body></html>`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "x-content-type-options": "nosniff",
    },
  });
}

function operationHtml(path: string, method: string, operation: Operation): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const list = (items: string[]) =>
    items.length === 0 ? "" : `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
  const named = parameters.map(({ name, in: place, required, schema }) =>
    `<code>${escape(name)}</code> <i>${place}${required ? "" : ", optional"}</i> ${typeHtml(schema)}`
  );
  const body = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) =>
    `<h4>Body <i>${escape(type)}${requestBody?.required ? "" : ", optional"}</i></h4>${schemaHtml(schema)}`
  );
  const answers = Object.entries(responses).map(([status, { description, content }]) =>
    `<code>${escape(status)}</code> ${escape(description)}` +
    Object.values(content ?? {}).map(({ schema }) => ` ${typeHtml(schema)}`).join("")
  );
  return `<details id="${escape(operation.operationId)}"><summary><b>${method.toUpperCase()}</b> <code>${
    escape(path)
  }</code> ${escape(summary)}</summary>` +
    (description === undefined ? "" : `<p>${escape(description)}</p>`) +
    (named.length === 0 ? "" : `<h4>Parameters</h4>${list(named)}`) + body.join("") +
    `<h4>Answers</h4>${list(answers)}</details>`;
}

const optionsOf = (schema: JsonSchema): JsonSchema[] | undefined =>
  (schema.anyOf ?? schema.oneOf ?? schema.allOf) as JsonSchema[] | undefined;

/** A type in one line. */
function typeHtml(schema: JsonSchema): string {
  if (typeof schema.$ref === "string") {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
    return `<a href="#schema-${escape(name)}">${escape(name)}</a>`;
  }
  const options = optionsOf(schema);
  if (options) return options.map(typeHtml).join(" | ");
  if ("const" in schema) return `<code>${escape(JSON.stringify(schema.const))}</code>`;
  if (Array.isArray(schema.enum)) {
    return schema.enum.map((value) => `<code>${escape(JSON.stringify(value))}</code>`).join(" | ");
  }
  if (schema.type === "array") return `list of ${typeHtml((schema.items ?? {}) as JsonSchema)}`;
  return schema.type === undefined ? "anything" : escape(schema.type);
}

/** A type with its properties. */
function schemaHtml(schema: JsonSchema, depth = 0): string {
  const properties = schema.properties as Record<string, JsonSchema> | undefined;
  if (properties === undefined || depth > 6) {
    const inner = optionsOf(schema)?.filter((option) => option.properties !== undefined) ?? [];
    return `<div>${typeHtml(schema)}</div>` + inner.map((option) => schemaHtml(option, depth + 1)).join("");
  }
  const required = new Set((schema.required ?? []) as string[]);
  const items = Object.entries(properties).map(([name, property]) => {
    const nested = [property, ...optionsOf(property) ?? []].find((option) => option.properties !== undefined);
    const head = `<code>${escape(name)}</code>${required.has(name) ? "" : " <i>optional</i>"} `;
    return nested === undefined
      ? `<li>${head}${typeHtml(property)}</li>`
      : `<li><details><summary>${head}object</summary>${schemaHtml(nested, depth + 1)}</details></li>`;
  });
  return `<ul>${items.join("")}</ul>`;
}
