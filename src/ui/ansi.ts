/**
 * What a flow printed, as text with looks: ANSI's colours are read, everything else that would move a cursor, hide or reorder text is
 * taken out or shown as what it is.
 *
 * Colours are sixteen names, whose tokens have enough contrast in light and dark; 256 colours and 24 bits become the nearest of them.
 *
 * @module
 */

/** How a stretch of text looks. Colours are 0 to 15. */
export interface Look {
  color?: number;
  back?: number;
  bold?: boolean;
  faint?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  inverse?: boolean;
}

/** Text that has one look. */
export interface Stretch {
  text: string;
  /** Undefined: the plain one. */
  look: Look | undefined;
}

const ESC = "\u001b";
/** A sequence that sets looks comes first; the others are taken out, an unended one as far as its introducer. */
const SEQUENCES = new RegExp(
  [
    `(?:${ESC}\\[|\\u009b)([0-9;:]{0,200})m`,
    `(?:${ESC}[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007${ESC}\\u009c\\n]*(?:\\u0007|${ESC}\\\\|\\u009c)`,
    `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]`,
    `${ESC}[ -/]+[0-~]`,
    `${ESC}[0-~]`,
  ].join("|"),
  "g",
);
// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
const INVISIBLE = /[\u0080-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Control characters as their pictures, invisible ones and those that reorder text by their numbers. */
const visible = (text: string): string =>
  text
    .replace(CONTROLS, (one) => one === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + one.charCodeAt(0)))
    .replace(INVISIBLE, (one) => `‹U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`)
    .toWellFormed();

/** What a terminal shows of a line that was written over again and again, as progress bars are. */
const overwritten = (text: string): string =>
  text.includes("\r")
    ? text.replace(/\r+\n/g, "\n").replace(/\r+$/, "").replace(/[^\n]*\r(?=[^\n])/g, "").replaceAll("\r", "")
    : text;

/** Reads a message. Stretches follow each other; together they are the text that is shown. */
export function readAnsi(message: string): Stretch[] {
  const stretches: Stretch[] = [];
  let look: Look | undefined;
  let end = 0;
  const add = (raw: string) => {
    const text = visible(raw);
    if (text === "") return;
    const last = stretches[stretches.length - 1];
    if (last !== undefined && last.look === look) last.text += text;
    else stretches.push({ text, look });
  };
  const source = overwritten(message);
  for (const found of source.matchAll(SEQUENCES)) {
    add(source.slice(end, found.index));
    end = found.index + found[0].length;
    if (found[1] !== undefined) look = changed(look ?? {}, found[1]);
  }
  add(source.slice(end));
  return stretches;
}

/** The lines of a text. A look goes on over their ends, as in a terminal; a last newline makes no line. */
export function ansiLines(text: string): Stretch[][] {
  const lines: Stretch[][] = [[]];
  for (const { text: part, look } of readAnsi(text.replace(/\n$/, ""))) {
    for (const [i, piece] of part.split("\n").entries()) {
      if (i > 0) lines.push([]);
      if (piece !== "") lines[lines.length - 1].push({ text: piece, look });
    }
  }
  return lines;
}

/** A look as classes of `styles/ansi.css`. Text in the colour of its own background is shown plainly: nothing is invisible. */
export function lookClasses(look: Look): string {
  const { bold, faint, italic, underline, strike, inverse } = look;
  const [color, back] = inverse ? [look.back, look.color ?? 7] : [look.color, look.back];
  const names = { bold, faint: faint && back === undefined, italic, underline, strike };
  const classes = Object.entries(names).filter(([, is]) => is).map(([name]) => `ansi-${name}`);
  if (color !== undefined && back === undefined) classes.push(`ansi-${color}`);
  if (back !== undefined) classes.push(`ansi-back-${back}`);
  return classes.join(" ");
}

const BITS: Record<number, Look> = {
  1: { bold: true },
  2: { faint: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  22: { bold: undefined, faint: undefined },
  23: { italic: undefined },
  24: { underline: undefined },
  27: { inverse: undefined },
  29: { strike: undefined },
  39: { color: undefined },
  49: { back: undefined },
};

/** A look after a sequence's numbers. */
function changed(before: Look, text: string): Look | undefined {
  const numbers = text.split(/[;:]/).map(Number);
  let look: Look = { ...before };
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i];
    if (code === 0) look = {};
    else if (code === 38 || code === 48) {
      const color = numbers[i + 1] === 5
        ? indexed(numbers[i + 2])
        : rgb(numbers[i + 2], numbers[i + 3], numbers[i + 4]);
      i += numbers[i + 1] === 5 ? 2 : 4;
      look[code === 38 ? "color" : "back"] = color;
    } else if (code >= 30 && code <= 37) look.color = code - 30;
    else if (code >= 90 && code <= 97) look.color = code - 82;
    else if (code >= 40 && code <= 47) look.back = code - 40;
    else if (code >= 100 && code <= 107) look.back = code - 92;
    else Object.assign(look, BITS[code]);
  }
  return Object.values(look).some((value) => value !== undefined) ? look : undefined;
}

/** The nearest of the sixteen to one of 256. */
function indexed(index: number): number | undefined {
  if (!(index >= 0 && index <= 255)) return undefined;
  if (index < 16) return index;
  if (index >= 232) return grey((index - 232) * 10 + 8);
  const [r, g, b] = [Math.floor((index - 16) / 36), Math.floor((index - 16) / 6) % 6, (index - 16) % 6];
  return rgb(r * 51, g * 51, b * 51);
}

const grey = (value: number): number => value < 64 ? 0 : value < 128 ? 8 : value < 208 ? 7 : 15;

/** The nearest of the sixteen: which of red, green and blue are strong, and whether the strongest is bright. */
function rgb(r: number, g: number, b: number): number | undefined {
  if (![r, g, b].every((one) => one >= 0 && one <= 255)) return undefined;
  const most = Math.max(r, g, b);
  if (most - Math.min(r, g, b) < 32) return grey(most);
  const bit = (one: number) => one > most * 0.6 ? 1 : 0;
  return (most > 200 ? 8 : 0) + bit(r) + 2 * bit(g) + 4 * bit(b);
}
