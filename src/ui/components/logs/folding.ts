/**
 * What of a long message is shown before somebody asks for the rest: the beginning of many lines, the head of a stack trace, the first
 * characters of a line without end.
 *
 * @module
 */

/** More lines than these are folded. */
const MOST_LINES = 12;
/** As many are shown of them. */
const SHOWN_LINES = 6;
/** As many frames are shown of a stack trace. */
const SHOWN_FRAMES = 2;
/** More characters than these are folded. */
export const MOST_CHARACTERS = 2_000;
/** As many are shown when somebody asks for all: what is more is in the download. */
export const MOST_OPENED = 1_100_000;

/** What JavaScript, Python, Java and Go write of a frame. */
const FRAME = /^\s+at \S|^\s+File "[^"]*", line \d+|^\t\S+\.go:\d+/;

/** A folded message. */
export interface Fold {
  /** The text is shown up to here. */
  end: number;
  /** The lines that are not shown. */
  lines: number;
}

/** Where a message is folded; undefined: it is shown whole. */
export function foldOf(text: string): Fold | undefined {
  const ends = lineEnds(text);
  let shown = ends.length > MOST_LINES ? SHOWN_LINES : ends.length;
  if (ends.length > SHOWN_FRAMES + 2) {
    let frames = 0;
    for (let i = 1; i < Math.min(ends.length, 200); i++) {
      if (FRAME.test(text.slice(ends[i - 1] + 1, Math.min(ends[i], ends[i - 1] + 300))) && ++frames > SHOWN_FRAMES) {
        // A single line is not worth a button.
        if (ends.length - i > 1) shown = Math.min(shown, i);
        break;
      }
    }
  }
  const end = Math.min(ends[shown - 1], MOST_CHARACTERS);
  if (end >= text.length) return undefined;
  const visible = end < ends[shown - 1] ? ends.findIndex((one) => one >= end) + 1 : shown;
  return { end: wholeCharacter(text, end), lines: ends.length - visible };
}

/** Not between the halves of one character. */
const wholeCharacter = (text: string, end: number): number =>
  /[\ud800-\udbff]/.test(text[end - 1] ?? "") ? end - 1 : end;

/** Where each line ends, without its line feed. */
function lineEnds(text: string): number[] {
  const ends: number[] = [];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) ends.push(at);
  ends.push(text.length);
  return ends;
}
