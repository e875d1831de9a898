/**
 * The JUnit files of both runtimes, as they wrote them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseJunit } from "../../scripts/lib/junit.ts";
import { test } from "../testing/test.ts";

const DENO = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="3" failures="1" errors="0" time="0.027">
    <testsuite name="./a_test.ts" tests="3" disabled="1" errors="0" failures="1">
        <testcase name="passes" classname="./a_test.ts" time="0.001" line="1" col="6">
        </testcase>
        <testcase name="fails &amp; &lt;x&gt;" classname="./a_test.ts" time="0.004" line="2" col="6">
            <failure message="Uncaught Error: boo">Error: boo
Deno.test(&quot;fails&quot;, () =&gt; { throw new Error(&quot;boo&quot;); });
    at file:///a_test.ts:2:62</failure>
        </testcase>
        <testcase name="ignored" classname="./a_test.ts" time="0.000" line="3" col="6">
            <skipped/>
        </testcase>
    </testsuite>
</testsuites>`;

const BUN = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="2" assertions="0" failures="1" skipped="0" time="0.05">
  <testsuite name="c_test.ts" file="c_test.ts" tests="2" assertions="0" failures="1" skipped="0" time="0.04" hostname="vm">
    <testcase name="passes" classname="" time="0.006767" file="c_test.ts" line="2" assertions="0" />
    <testcase name="fails" classname="" time="0.000432" file="c_test.ts" line="3" assertions="0">
      <failure type="Error" message="boo">Error: boo&#10;      at c_test.ts:3:39&#10;</failure>
    </testcase>
  </testsuite>
</testsuites>`;

test("a report of Deno gives names, files, outcomes and the text of failures", () => {
  assert.deepEqual(parseJunit(DENO), [
    { name: "passes", file: "a_test.ts", outcome: "passed" },
    {
      name: "fails & <x>",
      file: "a_test.ts",
      outcome: "failed",
      detail: 'Error: boo\nDeno.test("fails", () => { throw new Error("boo"); });\n    at file:///a_test.ts:2:62',
    },
    { name: "ignored", file: "a_test.ts", outcome: "skipped", detail: "It is ignored in its file" },
  ]);
});

test("a report of Bun gives the same", () => {
  assert.deepEqual(parseJunit(BUN), [
    { name: "passes", file: "c_test.ts", outcome: "passed" },
    { name: "fails", file: "c_test.ts", outcome: "failed", detail: "Error: boo\n      at c_test.ts:3:39" },
  ]);
});

test("a failure without text is told by its message", () => {
  const [result] = parseJunit('<testcase name="x" classname="y"><failure message="too late"/></testcase>');
  assert.equal(result.detail, "too late");
});
