import assert from "node:assert/strict";
import fc from "fast-check";
import { containerSlug, imageTagSlug } from "../../src/support/slug.ts";
import { test } from "../testing/test.ts";

// Answers of python-slugify 8, as Prefect calls it.
for (
  const [name, slug] of [
    ["a  /  b!!", "a-b"],
    ["a'b", "a-b"],
    ["1,000 x", "1000-x"],
    ["1,2,3", "123"],
    ["a,b", "a-b"],
    ["é", "e"],
    ["日本", "Ri-Ben"],
    ["run&amp;x", "run-x"],
    ["x&eacute;y", "xe-y"],
    ["&#65;&#x42;", "AB"],
    ["&foo;", "foo"],
    ["don&#39;t", "dont"],
    ["a__b..c-", "a__b..c"],
    ["My Flow", "My-Flow"],
    ["_x", "x"],
    [".-x", "x"],
    ["Ünïcode ßtraße", "Unicode-sstrasse"],
    ["Привет мир", "Privet-mir"],
    ["½", "1-2"],
    ["x".repeat(300), "x".repeat(250)],
  ] as const
) {
  test(`the container of a run named ${JSON.stringify(name.slice(0, 20))} is named ${slug.slice(0, 20)}`, () => {
    assert.equal(containerSlug(name, "fallback"), slug);
  });
}

test("a name of which nothing is left gives the fallback", () => {
  for (const name of ["", "---", "___", "...", "😀", " \n"]) assert.equal(containerSlug(name, "the-id"), "the-id");
});

test("any text gives a name that Docker takes", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
    assert.match(containerSlug(text, "id"), /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,249}$/);
    assert.match(imageTagSlug(text), /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$/);
  }));
});

test("an image tag keeps case, dots and underscores", () => {
  assert.equal(imageTagSlug("0.1.0+Build 7"), "0.1.0-Build-7");
  assert.equal(imageTagSlug("..."), "latest");
});
