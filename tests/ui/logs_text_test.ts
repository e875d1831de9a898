import fc from "fast-check";
import assert from "node:assert/strict";
import { readAnsi } from "../../src/ui/ansi.ts";
import { foldOf, MOST_CHARACTERS } from "../../src/ui/components/logs/folding.ts";
import { lineTime } from "../../src/ui/components/logs/line_times.ts";
import { readLine, readView, writeView } from "../../src/ui/components/logs/log_address.ts";
import { linksOf, matchesOf, runsOf, shownOf } from "../../src/ui/components/logs/pieces.ts";
import { RowHeights } from "../../src/ui/components/logs/row_heights.ts";
import { logLine } from "../../src/domain/log_text.ts";
import { test } from "../testing/test.ts";

const E = "\u001b";
const textOf = (message: string) => readAnsi(message).map(({ text }) => text).join("");

test("ANSI colours become looks, and their codes are not shown", () => {
  assert.deepEqual(readAnsi(`a ${E}[1;31mred${E}[0m b${E}[38;5;46mgreen${E}[39m${E}[48;2;0;0;250mblue`), [
    { text: "a ", look: undefined },
    { text: "red", look: { bold: true, color: 1 } },
    { text: " b", look: undefined },
    { text: "green", look: { color: 10 } },
    { text: "blue", look: { back: 12 } },
  ]);
  assert.deepEqual(readAnsi(`${E}[90mgrey${E}[m`), [{ text: "grey", look: { color: 8 } }]);
  assert.deepEqual(readAnsi(`${E}[38;5;240mx`)[0].look, { color: 8 });
  assert.deepEqual(readAnsi(`${E}[38;2;255;255;255mx`)[0].look, { color: 15 });
});

test("what would move a cursor, set a title, hide or reorder text is taken out or shown as what it is", () => {
  assert.equal(textOf(`${E}[2J${E}[H${E}]0;title\u0007text${E}]8;;http://x${E}\\link${E}]8;;${E}\\`), "textlink");
  assert.equal(textOf("a\u202eb\u200bc"), "a‹U+202E›b‹U+200B›c");
  assert.equal(textOf("a\u0000b\u0007c\td\ne"), "a␀b␇c\td\ne");
  assert.equal(textOf(`${E}]0;never ended`), "0;never ended");
  assert.equal(textOf("10 %\r20 %\r100 %\r\ndone\r"), "100 %\ndone");
  assert.equal(textOf("<script>alert(1)</script>"), "<script>alert(1)</script>");
  assert.equal(textOf("lone \ud800 half"), "lone \ufffd half");
});

test("hostile codes are read in no time, and colours stay among the sixteen", () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom(E, `${E}[`, `${E}[38;5;`, `${E}[38;2;`, "m", ";", "999", "-1", "\u009b", "\r", "\n", `${E}]`),
      fc.string({ unit: "binary", maxLength: 8 }),
    ),
    { maxLength: 40 },
  ).map((parts) => parts.join(""));
  fc.assert(fc.property(hostile, (message) => {
    for (const { text, look } of readAnsi(message)) {
      // deno-lint-ignore no-control-regex -- none of them may be left
      assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      for (const color of [look?.color, look?.back]) assert.ok(color === undefined || (color >= 0 && color <= 15));
    }
  }));
  const began = performance.now();
  readAnsi(`${E}[`.repeat(200_000));
  readAnsi(`${E}]`.repeat(200_000));
  readAnsi(`${E}[${"1;".repeat(300_000)}m`);
  linksOf("http://".repeat(100_000));
  linksOf(`http://x/${")".repeat(300_000)}`);
  readAnsi("x\r".repeat(300_000));
  foldOf("\n\tat ".repeat(200_000));
  assert.ok(performance.now() - began < 3000, `${performance.now() - began} ms`);
});

test("only web addresses are links, and a sentence's marks are not part of them", () => {
  const urls = (text: string) => linksOf(text).map(({ href }) => href);
  assert.deepEqual(urls("See https://example.org/a?b=c#d."), ["https://example.org/a?b=c#d"]);
  assert.deepEqual(urls("(http://example.org/a_(b)), and http://x.y:80/,"), [
    "http://example.org/a_(b)",
    "http://x.y:80/",
  ]);
  assert.deepEqual(urls("javascript:alert(1) data:text/html,x file:///etc/passwd ftp://x xhttp://y"), []);
  assert.deepEqual(urls('<a href="https://x.y/">'), ["https://x.y/"]);
});

test("pieces put together are the text, whatever is looked for in it", () => {
  fc.assert(fc.property(fc.string(), fc.string({ maxLength: 3 }), fc.nat(), (text, query, cut) => {
    const message = `${E}[31m${text}${E}[0m http://a.b/${query} ${text}`;
    const shown = shownOf(message);
    const from = cut % (shown.text.length + 1);
    const runs = runsOf(shown, query, from);
    assert.equal(runs.flatMap(({ pieces }) => pieces).map(({ text }) => text).join(""), shown.text.slice(from));
    const marked = runs.flatMap(({ pieces }) => pieces).filter(({ match }) => match).map(({ text }) => text).join("");
    assert.equal(marked.length, matchesOf(shown.text.slice(from), query).length * query.length);
  }));
  assert.deepEqual(runsOf(shownOf(`x ${E}[31mhttps://a.b/re${E}[0md y`), "RED"), [
    { pieces: [{ text: "x " }] },
    {
      href: "https://a.b/red",
      pieces: [
        { text: "https://a.b/", look: { color: 1 } },
        { text: "re", look: { color: 1 }, match: true },
        { text: "d", match: true },
      ],
    },
    { pieces: [{ text: " y" }] },
  ]);
});

test("long messages are folded: many lines, stack traces, lines without end", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`).join("\n");
  assert.equal(foldOf("short"), undefined);
  assert.equal(foldOf(lines(12)), undefined);
  const folded = foldOf(lines(30))!;
  assert.deepEqual([lines(30).slice(0, folded.end), folded.lines], [lines(6), 24]);
  const trace = `Error: no\n${Array.from({ length: 8 }, (_, i) => `    at f${i} (x.ts:1:2)`).join("\n")}`;
  const traced = foldOf(trace)!;
  assert.deepEqual([trace.slice(0, traced.end), traced.lines], [
    "Error: no\n    at f0 (x.ts:1:2)\n    at f1 (x.ts:1:2)",
    6,
  ]);
  const python =
    `Traceback\n  File "a.py", line 1, in a\n    a()\n  File "b.py", line 2\n    b()\n  File "c.py", line 3\n    c()\nValueError`;
  assert.equal(foldOf(python)!.lines, 3);
  assert.equal(foldOf("x".repeat(100_000))!.end, MOST_CHARACTERS);
  assert.equal(foldOf("x".repeat(MOST_CHARACTERS - 1) + "😀".repeat(9))!.end, MOST_CHARACTERS - 1);
});

test("times are written in the viewer's zone, in UTC, or since the start", () => {
  const at = "2026-11-21T22:33:58.123456+00:00";
  assert.equal(lineTime(at, "utc", 0), "22:33:58.123");
  assert.match(lineTime(at, "local", 0), /^\d\d:\d\d:58\.123$/);
  assert.equal(lineTime(at, "since", Date.parse("2026-11-21T22:33:00Z")), "+0:58.123");
  assert.equal(lineTime(at, "since", Date.parse("2026-11-21T20:33:00Z")), "+2:00:58.123");
  assert.equal(lineTime(at, "since", Date.parse("2026-11-21T22:33:59Z")), "−0:00.877");
  assert.equal(lineTime(at, "none", 0), "");
});

test("a view is in the address, beside what else is there", () => {
  const task = "0193515e-0000-7000-8000-000000000000";
  assert.equal(
    writeView("?tab=logs&level=INFO", { q: "a b", keep: true, level: "ERROR", task }),
    `?tab=logs&level=ERROR&task=${task}&q=a+b&lines=all`,
  );
  assert.equal(writeView("?level=INFO&lines=all&q=x", { q: "", keep: true }), "");
  assert.deepEqual(readView({ level: "error", task, q: "x", lines: "all" }), {
    level: "ERROR",
    task,
    q: "x",
    keep: true,
  });
  assert.deepEqual(readView({ level: "constructor", task: "<" }), { q: "", keep: false });
  assert.equal(readLine(`#line=${task}`), task);
  assert.equal(readLine("#main"), undefined);
});

const rows = (ids: string) => [...ids].map((id) => ({ id }));

test("rows stand where their heights say, those that were not seen where they are guessed", () => {
  const heights = new RowHeights();
  const first = rows("abc");
  heights.set(first, () => 20);
  assert.equal(heights.total, 60);
  assert.equal(heights.measure(1, [100]), true);
  assert.equal(heights.measure(1, [100]), false);
  assert.deepEqual([heights.top(2), heights.at(119), heights.at(120), heights.at(999)], [120, 1, 2, 2]);
  heights.set([...rows("z"), ...first], () => 20, false);
  assert.deepEqual([heights.top(3), heights.total], [140, 160]);
  assert.deepEqual(heights.between(0, 10, 1), [0, 2]);
  heights.forget();
  assert.equal(heights.total, 80);
  heights.set([], () => 20);
  assert.deepEqual([heights.total, heights.between(0, 10, 1)], [0, [0, 0]]);
});

test("rows that come, go and grow in any order stand as if they had been laid out anew", () => {
  const change = fc.oneof(
    fc.record({ rows: fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 }) }),
    fc.record({ at: fc.nat({ max: 25 }), height: fc.integer({ min: 1, max: 90 }) }),
  );
  fc.assert(fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
    const all = Array.from({ length: 31 }, (_, i) => ({ id: `row ${i}` }));
    const heights = new RowHeights();
    const seen = new Map<string, number>();
    let shown: { id: string }[] = [];
    for (const one of changes) {
      if ("rows" in one) {
        shown = one.rows.sort((a, b) => a - b).map((i) => all[i]);
        heights.set(shown, () => 20, false);
      } else {
        heights.measure(one.at, [one.height]);
        if (one.at < shown.length) seen.set(shown[one.at].id, one.height);
      }
      let y = 0;
      shown.forEach(({ id }, i) => {
        assert.equal(heights.top(i), y);
        assert.equal(heights.at(y), i);
        y += seen.get(id) ?? 20;
      });
      assert.equal(heights.total, y);
    }
  }));
});

test("a copied line is the one that the command line prints", () => {
  const line = { timestamp: "2026-11-21T22:33:58.999999+00:00", level: 35, name: "my\nflow", message: `${E}[31mred` };
  assert.equal(logLine(line), "[2026-11-21 22:33:58+0000] WARNING - my flow | red");
});
