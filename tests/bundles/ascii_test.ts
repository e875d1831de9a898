import assert from "node:assert/strict";
import fc from "fast-check";
import { toAscii } from "../../src/bundles/ascii.ts";
import { bundleFile } from "../../src/bundles/bundler.ts";
import { loadBundle } from "../../src/bundles/loader.ts";
import { test } from "../testing/test.ts";
import { testFolder } from "../testing/files.ts";

test("texts keep their value when they are written in ASCII", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    const { code } = toAscii({ code: JSON.stringify(text), mappings: "" });
    // deno-lint-ignore no-control-regex
    assert.match(code, /^[\x00-\x7f]*$/);
    // JSON has no \u{…}; as code both are the same.
    assert.equal(new Function(`return ${code}`)(), text);
  }));
});

test("code in ASCII is left alone", () => {
  const given = { code: "let a = 1;\nb();", mappings: "AAAA,IAAI;AACA" };
  assert.deepEqual(toAscii(given), given);
});

test("columns of the source map move by what was added before them", () => {
  // Segments at columns 0, 4 (before the ü), 5 (behind it), 8.
  assert.deepEqual(toAscii({ code: "    ü=1;x", mappings: "AAAA,IAAC,CAAC,GAAC" }), {
    code: "    \\u00fc=1;x",
    mappings: "AAAA,IAAC,MAAC,GAAC",
  });
});

test("names, texts, templates and patterns beyond ASCII mean the same in a bundle, and errors find their lines", async () => {
  using folder = testFolder({
    "flow.ts": `class Größe { static ü = 1; }
const 𝒳 = "𝒳🎉", grüße = \`→ \${𝒳}\`;
export const all = [Größe.name, Größe.ü, 𝒳, grüße, /^[ü-ÿ]$/u.test("ý"), /🎉$/u.test(𝒳)];
export const boom = () => { const 世界 = "世界"; throw new Error(世界); };
`,
  });
  const module = await loadBundle((await bundleFile(`${folder.path}/flow.ts`)).text);
  assert.deepEqual(module.all, ["Größe", 1, "𝒳🎉", "→ 𝒳🎉", true, true]);
  assert.throws(module.boom as () => void, (error: Error) => {
    assert.equal(error.message, "世界");
    assert.match(error.stack!, /flow\.ts:4/);
    return true;
  });
});
