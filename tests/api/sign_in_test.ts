import assert from "node:assert/strict";
import { SESSION_MS } from "../../src/api/sessions.ts";
import { pathAfter } from "../../src/api/sign_in.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const NEAR = "127.0.0.1";
const FAR = "192.0.2.7";
const HTML = { accept: "text/html,*/*" };

const start = () => startTestServer({ loopback: "require", page: () => Promise.resolve(new Response("the page")) });
const cookieOf = (headers: Headers) => ({ cookie: `theme=dark; ${headers.get("set-cookie")!.split(";")[0]}` });
const byToken = (server: TestServer, token: string, address = FAR) =>
  server.send(
    "POST",
    "/sign-in",
    new URLSearchParams({ token }).toString(),
    { "content-type": "application/x-www-form-urlencoded", "content-length": String(token.length + 6) },
    address,
  );

test("a one-time link signs one browser in, once, by a cookie that no script and no other site can use", async () => {
  await using server = await start();
  assert.equal((await server.send("GET", "/", undefined, {}, NEAR)).status, 401);
  const link = `/sign-in?code=${server.sessions.issueCode()}`;
  const first = await server.send("GET", link, undefined, HTML, NEAR);
  assert.equal(first.status, 200);
  assert.match(first.headers.get("set-cookie")!, /^flowctl_[0-9a-f]{12}=\S+; Path=\/; HttpOnly; SameSite=Strict$/);
  const cookie = cookieOf(first.headers);
  assert.equal((await server.send("GET", "/", undefined, cookie, NEAR)).text, "the page");
  assert.equal((await server.send("GET", "/api/tokens/me", undefined, cookie, NEAR)).body.kind, "page");
  const second = await server.send("GET", link, undefined, HTML, NEAR);
  assert.equal(second.status, 401);
  assert.equal(second.headers.get("set-cookie"), null);
  assert.match(second.text, /was used already/);
});

test("a look at the link's head does not use it up", async () => {
  await using server = await start();
  const link = `/sign-in?code=${server.sessions.issueCode()}`;
  await server.send("HEAD", link, undefined, {}, NEAR);
  assert.equal((await server.send("GET", link, undefined, {}, NEAR)).status, 200);
});

test("a cookie ends after a week, and one that nobody got is worth nothing", async () => {
  await using server = await start();
  const answer = await server.send("GET", `/sign-in?code=${server.sessions.issueCode()}`, undefined, HTML, NEAR);
  const cookie = cookieOf(answer.headers);
  const made = { cookie: `${server.sessions.cookie}=made-up` };
  assert.equal((await server.send("GET", "/", undefined, made, NEAR)).status, 401);
  server.clock.advance(SESSION_MS / 1000 - 1);
  assert.equal((await server.send("GET", "/", undefined, cookie, NEAR)).status, 200);
  server.clock.advance(1);
  assert.equal((await server.send("GET", "/", undefined, cookie, NEAR)).status, 401);
});

test("somebody without a cookie is shown where to sign in, by a page that may only send its form here", async () => {
  await using server = await start();
  const page = await server.send("GET", "/flow-runs/x", undefined, HTML, FAR);
  assert.equal(page.status, 401);
  assert.match(page.text, /<form method="post" action="\/sign-in\?to=%2Fflow-runs%2Fx">/);
  assert.match(page.headers.get("content-security-policy")!, /form-action 'self'/);
  assert.match((await server.send("POST", "/api/flows/filter", {}, HTML, FAR)).body.detail, /wants a token/);
});

test("a token signs a browser in with the token's scope, until it is revoked", async () => {
  await using server = await start();
  const { token, id } = await server.client.tokens.create({ name: "me", scope: "USER" });
  const runner = await server.client.tokens.create({ name: "r", scope: "RUNNER" });
  const answer = await byToken(server, token);
  assert.equal(answer.status, 200);
  const cookie = cookieOf(answer.headers);
  assert.equal((await server.send("GET", "/", undefined, cookie, FAR)).text, "the page");
  assert.equal((await server.send("POST", "/api/tokens/filter", {}, cookie, FAR)).status, 403);
  await server.client.tokens.revoke(id);
  assert.equal((await server.send("GET", "/", undefined, cookie, FAR)).status, 401);
  assert.equal((await byToken(server, token)).status, 401);
  assert.equal((await byToken(server, runner.token)).status, 403);
  assert.equal((await byToken(server, "")).status, 401);
});

test("wrong tokens in the form are counted", async () => {
  await using server = await start();
  for (let n = 0; n < 10; n++) assert.equal((await byToken(server, `wrong-${n}`)).status, 401);
  const refused = await byToken(server, "wrong");
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("set-cookie"), null);
});

test("signing in leads back to where one was, and nowhere else", async () => {
  for (const path of ["/", "/runs?state=FAILED&q=a%20b", "/flow-runs/x?tab=logs#L20", "/flows/über"]) {
    const { pathname, search, hash } = new URL(path, "http://x");
    assert.equal(pathAfter(path), pathname + search + hash);
  }
  for (
    const path of [
      null,
      "",
      "runs",
      "https://elsewhere.invalid/",
      "//elsewhere.invalid",
      "/\\elsewhere.invalid",
      "\\\\elsewhere.invalid",
      "/\t/elsewhere.invalid",
      "/.//elsewhere.invalid",
      "/%2e/\\elsewhere.invalid",
      "javascript:alert(1)",
      "/api/flows/count",
      "/sign-in?to=/runs",
      "/sign-out",
      "http://[",
    ]
  ) assert.equal(pathAfter(path), "/", String(path));

  await using server = await start();
  const { token } = await server.client.tokens.create({ name: "me", scope: "USER" });
  const send = (to: string) =>
    server.send(
      "POST",
      `/sign-in?to=${encodeURIComponent(to)}`,
      new URLSearchParams({ token }).toString(),
      { "content-type": "application/x-www-form-urlencoded", "content-length": String(token.length + 6) },
      FAR,
    );
  assert.match((await send("/runs?a=1&b=2")).text, /content="0;url=\/runs\?a=1&amp;b=2"/);
  assert.match((await send("//elsewhere.invalid")).text, /content="0;url=\/"/);
  assert.match((await send('/"><script>')).text, /content="0;url=\/%22%3E%3Cscript%3E"/);
  const asked = await server.send(
    "GET",
    `/sign-in?to=${encodeURIComponent("//elsewhere.invalid")}`,
    undefined,
    HTML,
    FAR,
  );
  assert.doesNotMatch(asked.text, /elsewhere/);
});

test("signing out ends the session here and in the browser", async () => {
  await using server = await start();
  const first = await server.send("GET", `/sign-in?code=${server.sessions.issueCode()}`, undefined, HTML, FAR);
  const cookie = cookieOf(first.headers);
  assert.equal((await server.send("GET", "/sign-out", undefined, { ...HTML, ...cookie }, FAR)).text, "the page");
  const out = await server.send("POST", "/sign-out", "", cookie, FAR);
  assert.deepEqual([out.status, out.headers.get("location")], [303, "/sign-in"]);
  assert.match(
    out.headers.get("set-cookie")!,
    /^flowctl_[0-9a-f]{12}=; Path=\/; Max-Age=0; HttpOnly; SameSite=Strict$/,
  );
  const after = await server.send("GET", "/runs", undefined, { ...HTML, ...cookie }, FAR);
  assert.equal(after.status, 401);
  assert.match(after.text, /<form method="post" action="\/sign-in\?to=%2Fruns">/);
  assert.match(after.headers.get("set-cookie")!, /Max-Age=0/);
});

test("a browser whose token was revoked is shown where to sign in", async () => {
  await using server = await start();
  const { token, id } = await server.client.tokens.create({ name: "me", scope: "USER" });
  const cookie = cookieOf((await byToken(server, token)).headers);
  await server.client.tokens.revoke(id);
  const page = await server.send("GET", "/runs", undefined, { ...HTML, ...cookie }, FAR);
  assert.equal(page.status, 401);
  assert.match(page.text, /<form method="post"/);
  assert.match(page.headers.get("set-cookie")!, /Max-Age=0/);
});
