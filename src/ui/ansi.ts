/**
 * Text with the codes by which terminals colour it → pieces with their looks. What moves a cursor is left out. Pure.
 *
 * @module
 */

/** A piece of a line. */
export interface Piece {
  text: string;
  /** One of {@link COLOURS}. */
  colour?: string;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
}

/** In the order of the codes 30 to 37. */
export const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

type Look = Omit<Piece, "text">;

const CODE =
  // deno-lint-ignore no-control-regex -- that is what is looked for: CSI, OSC and APC strings, single escapes, control characters
  /\x1b\[([0-9;:?]*)[ -/]*([@-~])|\x1b[\]_P^X][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f]/g;

/**
 * The lines of a text. A look goes on over the ends of lines, as in a terminal; of what was overwritten with a carriage return the
 * last is shown, which is what a progress bar leaves.
 */
export function ansiLines(text: string): Piece[][] {
  let look: Look = {};
  return text.replace(/\n$/, "").split("\n").map((line) => {
    const whole = line.endsWith("\r") ? line.slice(0, -1) : line;
    const shown = whole.slice(whole.lastIndexOf("\r") + 1);
    const pieces: Piece[] = [];
    let from = 0;
    const add = (to: number) => {
      if (to > from) pieces.push({ ...look, text: shown.slice(from, to) });
    };
    for (const match of shown.matchAll(CODE)) {
      add(match.index);
      from = match.index + match[0].length;
      if (match[2] === "m") look = next(look, match[1]);
    }
    add(shown.length);
    return pieces;
  });
}

/** What `ESC [ … m` makes of a look. */
function next(look: Look, codes: string): Look {
  let now: Look = { ...look };
  const numbers = codes === "" ? [0] : codes.split(/[;:]/).map(Number);
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i];
    if (code === 0) now = {};
    else if (code === 1) now.bold = true;
    else if (code === 2) now.dim = true;
    else if (code === 3) now.italic = true;
    else if (code === 4) now.underline = true;
    else if (code === 22) now = { ...now, bold: undefined, dim: undefined };
    else if (code === 23) now.italic = undefined;
    else if (code === 24) now.underline = undefined;
    else if (code >= 30 && code <= 37) now.colour = COLOURS[code - 30];
    else if (code >= 90 && code <= 97) now.colour = COLOURS[code - 90];
    else if (code === 39) now.colour = undefined;
    else if (code === 38 || code === 48) {
      // Colours of 256 or of 16 million: of the first only the sixteen that have names are kept.
      const [kind, value] = [numbers[i + 1], numbers[i + 2]];
      if (code === 38) now.colour = kind === 5 && value < 16 ? COLOURS[value % 8] : undefined;
      i += kind === 5 ? 2 : 4;
    }
  }
  return now;
}
