import assert from "node:assert/strict";
import { buildAssets } from "../../src/ui/assets.ts";
import { assetPath, importsOf } from "../../src/ui/head.ts";
import { html, pageAnswer } from "../../src/ui/html.ts";
import { answerPage } from "../../src/ui/serve.ts";
import { otherTheme, THEME_KEY, themeOf } from "../../src/ui/theme.ts";
import { test } from "../testing/test.ts";

const { assets } = await buildAssets();
const read = () => Promise.resolve(assets);

test("what was kept is a theme, and anything else is the system's", () => {
  assert.deepEqual(["light", "dark", "system", "", null].map(themeOf), ["light", "dark", "system", "system", "system"]);
});

test("one press always changes what is seen", () => {
  assert.deepEqual([otherTheme("light", true), otherTheme("dark", false)], ["dark", "light"]);
  assert.deepEqual([otherTheme("system", true), otherTheme("system", false)], ["light", "dark"]);
});

test("the theme is a script of its own that stands before the styles, on every page, also where one signs in", async () => {
  const file = [...assets.keys()].find((name) => name.startsWith("theme_boot-"))!;
  const text = new TextDecoder().decode(assets.get(file)!.plain());
  // It is no module: with an import it would not run at all.
  assert.doesNotMatch(text, /\b(import|export)\b/);
  assert.ok(text.includes(THEME_KEY));
  assert.ok(assets.get(file)!.gzip.length < 400);
  const request = new Request("http://localhost/", { headers: { accept: "text/html" } });
  for (const page of [(await answerPage(request, read))!, await pageAnswer({ title: "t", body: html`` }, read)]) {
    const head = await page.text();
    const at = head.indexOf(`<script src="/assets/${file}"></script>`);
    assert.ok(at > 0 && at < head.indexOf('<link rel="stylesheet"'), head);
    assert.match(page.headers.get("content-security-policy")!, /script-src 'self';/);
    assert.doesNotMatch(head, /<script(?![^>]* src="\/assets\/)|<style|style="/);
  }
});

test("the page names what its script imports at once, and no page's own part", async () => {
  const script = assetPath(assets, "app", "js");
  const text = (path: string) => new TextDecoder().decode(assets.get(path.replace("/assets/", ""))!.plain());
  const named = importsOf(assets, script);
  assert.ok(named.length > 0);
  const later = [...text(script).matchAll(/import\("\.\/(part-\w+\.js)"\)/g)].map(([, name]) => `/assets/${name}`);
  assert.ok(later.length > 5);
  assert.deepEqual(named.filter((path) => later.includes(path)), []);
  const page = await (await answerPage(new Request("http://localhost/"), read))!.text();
  assert.deepEqual([...page.matchAll(/modulepreload" href="([^"]+)"/g)].map(([, path]) => path), named);
});
