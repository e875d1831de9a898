import assert from "node:assert/strict";
import { ROUTES } from "../../src/api/app.ts";
import type { OpenApiDocument } from "../../src/api/openapi.ts";
import { startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

async function document(): Promise<OpenApiDocument> {
  await using server = await startTestServer();
  const got = await server.send("GET", "/openapi.json");
  assert.equal(got.status, 200);
  return got.body;
}

test("every route is in the document, with a summary and answers of its own", async () => {
  const { openapi, paths } = await document();
  assert.equal(openapi, "3.1.0");
  const described = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((m) => `${m} ${path}`));
  const served = ROUTES.map(({ method, path }) => `${method.toLowerCase()} /api${path}`);
  assert.deepEqual(described.sort(), served.sort());
  assert.equal(new Set(served).size, served.length, "a route is registered once");
  for (const methods of Object.values(paths)) {
    for (const operation of Object.values(methods)) {
      assert.match(operation.summary, /^[A-Z][^.]*$/);
      assert.ok(Object.keys(operation.responses).length > 0);
    }
  }
});

test("the document says which operations need no token, and what scope others need", async () => {
  const { components, security, paths } = await document();
  assert.deepEqual(security, [{ token: [] }]);
  assert.deepEqual(components.securitySchemes.token.scheme, "bearer");
  assert.deepEqual(paths["/api/health"].get.security, []);
  assert.equal(paths["/api/flows/"].post.security, undefined);
  assert.match(paths["/api/tokens/"].post.description!, /Needs a token of scope ADMIN\.$/);
  assert.match(paths["/api/agents/{id}/claim"].post.description!, /Needs a token of scope RUNNER\.$/);
});

test("operations have names of their own", async () => {
  const ids = Object.values((await document()).paths).flatMap((m) => Object.values(m).map((o) => o.operationId));
  assert.equal(new Set(ids).size, ids.length);
});

test("every reference of the document leads somewhere", async () => {
  const whole = await document();
  const names = new Set(Object.keys(whole.components.schemas));
  const refs = [...JSON.stringify(whole).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
  assert.ok(refs.length > 50);
  for (const ref of refs) {
    assert.match(ref, /^#\/components\/schemas\//);
    assert.ok(names.has(ref.slice("#/components/schemas/".length)), ref);
  }
});

test("a body's schema is the one that validates: filters forbid unknown keys, create bodies do not", async () => {
  const { schemas } = (await document()).components;
  assert.equal(schemas.FlowRunFilter.additionalProperties, false);
  assert.notEqual(schemas.FlowRunCreate.additionalProperties, false);
  assert.deepEqual(schemas.FlowRunCreate.required, ["flow_id"]);
});

test("the reference page names every route, loads nothing and runs nothing", async () => {
  await using server = await startTestServer();
  for (const path of ["/docs", "/api/docs"]) {
    const page = await server.send("GET", path);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type")!, /^text\/html/);
    assert.match(page.headers.get("content-security-policy")!, /default-src 'none'/);
    assert.doesNotMatch(page.text, /<script|<link|<img|(src|href)="(https?:)?\/\//);
    for (const route of ROUTES) assert.ok(page.text.includes(`/api${route.path}`), route.path);
  }
});
