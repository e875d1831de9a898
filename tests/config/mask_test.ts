import assert from "node:assert/strict";
import { MASK, maskedSetting } from "../../src/config/mask.ts";
import { SETTINGS } from "../../src/config/settings.ts";
import { tokenText } from "../../src/domain/tokens.ts";
import { test } from "../testing/test.ts";

const TOKEN = tokenText(new Uint8Array(32).fill(7));

test("nothing of a secret setting is shown", () => {
  assert.equal(maskedSetting(SETTINGS.apiKey, TOKEN), MASK);
  assert.equal(maskedSetting(SETTINGS.apiKey, "anything"), MASK);
});

test("other settings are shown without tokens and without passwords of addresses", () => {
  const shown = (text: string) => maskedSetting(SETTINGS.apiUrl, text);
  assert.equal(shown("http://127.0.0.1:4200/api"), "http://127.0.0.1:4200/api");
  assert.equal(shown("https://me:p%40ss@flows.example:8443/api"), `https://me:${MASK}@flows.example:8443/api`);
  assert.equal(shown("https://me:a@b@flows.example/api"), `https://me:${MASK}@flows.example/api`);
  assert.equal(shown("postgres://u:p@h/d, postgres://u:q@h/d"), `postgres://u:${MASK}@h/d, postgres://u:${MASK}@h/d`);
  assert.equal(shown(`https://flows.example/${TOKEN}`), "https://flows.example/fct_********");
  assert.equal(shown("unix:///run/api.sock"), "unix:///run/api.sock");
});
