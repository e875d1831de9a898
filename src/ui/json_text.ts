/**
 * JSON for people: indented, its words told apart. Pure.
 *
 * @module
 */

/** A word of JSON. */
export interface JsonWord {
  kind: "key" | "text" | "number" | "word" | "mark";
  text: string;
}

/** The most characters that are shown. */
export const MOST_JSON = 100_000;

/** The indented text of a value, and whether it was cut. */
export function jsonText(value: unknown, most = MOST_JSON): { text: string; isCut: boolean } {
  const text = JSON.stringify(value, null, 2) ?? "undefined";
  return text.length > most ? { text: text.slice(0, most), isCut: true } : { text, isCut: false };
}

const WORD = /("(?:[^"\\]|\\.)*"?)(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null|undefined)|([^"\-\dtfnu]+|.)/gs;

/** The words of a JSON text, in order; together they are the text. */
export function jsonWords(text: string): JsonWord[] {
  return [...text.matchAll(WORD)].flatMap(([all, quoted, colon, number, word]): JsonWord[] => {
    if (quoted !== undefined) {
      return colon === undefined
        ? [{ kind: "text", text: quoted }]
        : [{ kind: "key", text: quoted }, { kind: "mark", text: colon }];
    }
    return [{ kind: number !== undefined ? "number" : word !== undefined ? "word" : "mark", text: all }];
  });
}
