import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "../testing/test.ts";

const STYLES = join(import.meta.dirname!, "../../src/ui/styles");
const tokens = readFileSync(join(STYLES, "tokens.css"), "utf8");
const SCHEMES = ["light", "dark"] as const;
type Scheme = typeof SCHEMES[number];
type Colour = [red: number, green: number, blue: number, alpha: number];

/** The colour of a token: `--name: light-dark(#…, #…)` or `--name: #…`. */
function colourOf(name: string, scheme: Scheme): Colour {
  const found = new RegExp(`--${name}: (?:light-dark\\((#\\w+), (#\\w+)\\)|(#\\w+));`).exec(tokens);
  assert.ok(found, `There is no token --${name}`);
  const text = found[3] ?? found[scheme === "light" ? 1 : 2];
  const part = (at: number) => parseInt(text.slice(at, at + 2), 16);
  return [part(1), part(3), part(5), text.length === 9 ? part(7) / 255 : 1];
}

/** A colour that lets through, on a ground. */
const over = ([r, g, b, alpha]: Colour, ground: Colour): Colour =>
  [r, g, b].map((value, i) => value * alpha + ground[i] * (1 - alpha)).concat(1) as Colour;

/** WCAG's relative luminance. */
function luminance([r, g, b]: Colour): number {
  const [red, green, blue] = [r, g, b].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Colour, other: Colour): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["page", "sunken", "surface", "raised", "selected"];
const LETTERS = ["text", "quiet", "link", "danger", "warning", "good"];
const STATES = "scheduled pending running paused cancelling completed failed cancelled crashed".split(" ");
const SOFT = Number(/--soft: (\d+)%/.exec(tokens)![1]) / 100;

/** What is too faint, as sentences. */
function tooFaint(least: number, pairs: [name: string, front: Colour, ground: Colour][]): string[] {
  return pairs.map(([name, front, ground]) => [name, contrast(front, ground)] as const)
    .filter(([, value]) => value < least).map(([name, value]) => `${name}: ${value.toFixed(2)}`);
}

for (const scheme of SCHEMES) {
  const colour = (name: string) => colourOf(name, scheme);
  const grounds: [string, Colour][] = [
    ...GROUNDS.map((name): [string, Colour] => [name, colour(name)]),
    // Code does not react to the pointer, and what is chosen stays as it is.
    ...["page", "surface", "raised"].map((name): [string, Colour] => [
      `${name} under the pointer`,
      over(colour("hover"), colour(name)),
    ]),
  ];

  test(`letters are read on every ground when it is ${scheme}`, () => {
    const pairs = LETTERS.flatMap((name) =>
      grounds.map(([on, ground]): [string, Colour, Colour] => [`${name} on ${on}`, colour(name), ground])
    );
    const accents = ["accent", "accent-hover"].map((name): [string, Colour, Colour] => [
      `on-accent on ${name}`,
      colour("on-accent"),
      colour(name),
    ]);
    assert.deepEqual(tooFaint(4.5, [...pairs, ...accents]), []);
  });

  test(`states are read as letters, also on their own soft ground, when it is ${scheme}`, () => {
    const pairs = [...STATES, "danger", "warning", "good", "link", "quiet"].flatMap((name) =>
      grounds.flatMap(([on, ground]): [string, Colour, Colour][] => {
        const front = colour(name);
        const soft = over([front[0], front[1], front[2], SOFT], ground);
        return [[`${name} on ${on}`, front, ground], [`${name} on itself on ${on}`, front, soft]];
      })
    );
    assert.deepEqual(tooFaint(4.5, pairs), []);
  });

  test(`marks, and lines around controls, are seen when it is ${scheme}`, () => {
    const pairs = ["line-strong", "focus", "accent", ...STATES].flatMap((name) =>
      GROUNDS.filter((on) => on !== "selected").map((on): [string, Colour, Colour] => [
        `${name} on ${on}`,
        colour(name),
        colour(on),
      ])
    );
    assert.deepEqual(tooFaint(3, pairs), []);
  });
}

test("colours are named by tokens and nowhere else", () => {
  const own = readdirSync(STYLES).filter((name) => name !== "tokens.css").flatMap((name) => {
    const text = readFileSync(join(STYLES, name), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    return [...text.matchAll(/#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch|light-dark)a?\(/gi)].map(([found]) =>
      `${name}: ${found}`
    );
  });
  assert.deepEqual(own, []);
});

test("every token that a style uses exists", () => {
  const known = new Set([...tokens.matchAll(/--([\w-]+):/g)].map(([, name]) => name));
  const own = new Set<string>();
  const used: string[] = [];
  for (const name of readdirSync(STYLES)) {
    const text = readFileSync(join(STYLES, name), "utf8");
    for (const [, made] of text.matchAll(/--([\w-]+):/g)) own.add(made);
    for (const [, asked] of text.matchAll(/var\(--([\w-]+)\)/g)) used.push(asked);
  }
  assert.deepEqual([...new Set(used)].filter((name) => !known.has(name) && !own.has(name)), []);
});
