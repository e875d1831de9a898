/**
 * A message cut into what is drawn: looks, links, and matches of what is searched for.
 *
 * @module
 */

import { type Look, readAnsi } from "../../ansi.ts";

/** Text that is drawn in one way. */
export interface Piece {
  text: string;
  look?: Look;
  /** Part of a match. */
  match?: boolean;
}

/** Pieces that are one link, or none. */
export interface Run {
  href?: string;
  pieces: Piece[];
}

/** A message as it is shown, before it is cut. */
export interface Shown {
  text: string;
  /** Where each look ends, in order. */
  looks: { end: number; look: Look | undefined }[];
}

/** Reads a message. */
export function shownOf(message: string): Shown {
  const looks: Shown["looks"] = [];
  let text = "";
  for (const stretch of readAnsi(message)) {
    text += stretch.text;
    looks.push({ end: text.length, look: stretch.look });
  }
  return { text, looks };
}

/** Only web addresses: any other scheme could do something when it is pressed. */
const URLS = /\bhttps?:\/\/[^\s<>"'`‹›\u2400-\u2421]{1,2000}/g;

/** Links of a text. Closing marks belong to the sentence around them, unless they were opened within. */
export function linksOf(text: string): { start: number; end: number; href: string }[] {
  const links: { start: number; end: number; href: string }[] = [];
  for (const { 0: found, index } of text.matchAll(URLS)) {
    let url = found.replace(/[.,;:!?*_~]+$/, "");
    for (const [open, close] of ["()", "[]", "{}"]) {
      while (url.endsWith(close) && url.split(close).length > url.split(open).length) {
        url = url.slice(0, -1).replace(/[.,;:!?]+$/, "");
      }
    }
    if (URL.canParse(url)) links.push({ start: index, end: index + url.length, href: url });
  }
  return links;
}

/** As SQLite compares: only the letters of ASCII have two cases. It keeps positions. */
const lowered = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Where a text is found, without overlaps; at most `most` times. */
export function matchesOf(text: string, query: string, most = 1000): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  if (query === "") return found;
  const [hay, needle] = [lowered(text), lowered(query)];
  for (let at = hay.indexOf(needle); at >= 0 && found.length < most; at = hay.indexOf(needle, at + needle.length)) {
    found.push({ start: at, end: at + needle.length });
  }
  return found;
}

/** Cuts the part of a message from `start` to `end`. */
export function runsOf(
  { text, looks }: Shown,
  query = "",
  start = 0,
  end = text.length,
): Run[] {
  const part = text.slice(start, end);
  const [links, matches] = [linksOf(part), matchesOf(part, query)];
  const cuts = new Set<number>([0, part.length]);
  for (const { end } of looks) if (end > start && end < start + part.length) cuts.add(end - start);
  for (const range of [...links, ...matches]) cuts.add(range.start).add(range.end);
  const places = [...cuts].sort((a, b) => a - b);
  const runs: Run[] = [];
  let [look, link, match] = [0, 0, 0];
  for (let i = 0; i + 1 < places.length; i++) {
    const at = places[i];
    while (look < looks.length - 1 && looks[look].end <= at + start) look++;
    while (link < links.length && links[link].end <= at) link++;
    while (match < matches.length && matches[match].end <= at) match++;
    const href = links[link]?.start <= at ? links[link].href : undefined;
    const piece: Piece = { text: part.slice(at, places[i + 1]) };
    if (looks[look]?.look !== undefined) piece.look = looks[look].look;
    if (matches[match]?.start <= at) piece.match = true;
    const last = runs[runs.length - 1];
    if (last !== undefined && last.href === href) last.pieces.push(piece);
    else runs.push(href === undefined ? { pieces: [piece] } : { href, pieces: [piece] });
  }
  return runs;
}
