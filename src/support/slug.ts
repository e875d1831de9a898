/**
 * Names that Docker accepts, made of any text: container names and image tags.
 *
 * The rule is the peer's (python-slugify with `lowercase=False`), so that a run has the same container name under both. The
 * only importer of `transliteration`.
 *
 * @module
 */

import { transliterate } from "transliteration";

/** Docker's own limit is 255; Prefect leaves room for `-1`, `-2` after a conflict. */
const LONGEST_NAME = 250;
const LONGEST_TAG = 128;

// The named entities of HTML 4 (python's `name2codepoint`): first those that end as something, then those that end as a dash.
// Accented letters leave a dash too, as their accent is taken apart only after the transliteration.
const ENTITY_TEXTS: Record<string, string> = {
  ...Object.fromEntries(
    "frac12=1-2 frac14=1-4 frac34=3-4 hellip=... image=I ordf=a ordm=o real=R sup1=1 sup2=2 sup3=3 trade=TM"
      .split(" ").map((pair) => pair.split("=") as [string, string]),
  ),
};
const ACCENTED =
  /^(?:[AEIOUaeiouYy]acute|[AEIOUaeiou]circ|[AEIOUaeiou]grave|[Aa]ring|[ANOano]tilde|[AEIOUYaeiouy]uml|[Cc]cedil|[Ss]caron)$/;
const OTHERS = new Set(
  ("AElig Alpha Beta Chi Dagger Delta ETH Epsilon Eta Gamma Iota Kappa Lambda Mu Nu OElig Omega Omicron Oslash Phi Pi Prime " +
    "Psi Rho Sigma THORN Tau Theta Upsilon Xi Zeta acute aelig alefsym alpha amp and ang asymp bdquo beta brvbar bull cap " +
    "cedil cent chi circ clubs cong copy crarr cup curren dArr dagger darr deg delta diams divide empty emsp ensp epsilon " +
    "equiv eta eth euro exist fnof forall frasl gamma ge gt hArr harr hearts iexcl infin int iota iquest isin kappa lArr " +
    "lambda lang laquo larr lceil ldquo le lfloor lowast loz lrm lsaquo lsquo lt macr mdash micro middot minus mu nabla nbsp " +
    "ndash ne ni not notin nsub nu oelig oline omega omicron oplus or oslash otimes para part permil perp phi pi piv plusmn " +
    "pound prime prod prop psi quot rArr radic rang raquo rarr rceil rdquo reg rfloor rho rlm rsaquo rsquo sbquo sdot sect " +
    "shy sigma sigmaf sim spades sub sube sum sup supe szlig tau there4 theta thetasym thinsp thorn tilde times uArr uarr uml " +
    "upsih upsilon weierp xi yen zeta zwj zwnj").split(" "),
);

function entity(whole: string, name: string): string {
  if (name in ENTITY_TEXTS) return ENTITY_TEXTS[name];
  if (ACCENTED.test(name)) return `${name[0]}-`;
  return OTHERS.has(name) ? "-" : whole;
}

function codePoint(whole: string, digits: string, base: number): string {
  const code = parseInt(digits, base);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

/** The steps of python-slugify in its order; the order shows (`a'b` keeps a dash, a comma between digits none). */
function slugify(text: string, limit: number): string {
  const slug = transliterate(text.toWellFormed().replace(/'+/g, "-").normalize("NFKD"))
    .replace(/&([A-Za-z]+[0-9]*);/g, entity)
    .replace(/&#(\d+);/g, (whole, digits) => codePoint(whole, digits, 10))
    .replace(/&#x([\da-fA-F]+);/g, (whole, digits) => codePoint(whole, digits, 16))
    .normalize("NFKD")
    .replace(/'+/g, "")
    .replace(/(?<=\d),(?=\d)/g, "")
    .replace(/[^a-zA-Z0-9_.-]+/g, "-")
    .replace(/-{2,}/g, "-")
    .replace(/^-+|-+$/g, "");
  return slug.slice(0, limit).replace(/^-+|-+$/g, "");
}

/**
 * A container name: case and `[a-zA-Z0-9_.-]` kept, other characters transliterated or one dash, at most 250 characters,
 * beginning with a letter or digit.
 *
 * @param fallback Taken when nothing is left: the run's id.
 *
 * @example
 * ```ts
 * import { containerSlug } from "./slug.ts";
 *
 * console.assert(containerSlug("Nightly ETL: été", "id") === "Nightly-ETL-ete");
 * ```
 */
export function containerSlug(name: string, fallback: string): string {
  return slugify(name, LONGEST_NAME).replace(/^[_.-]+/, "") || fallback;
}

/** An image tag: the same characters, at most 128, beginning with a letter, digit or underscore. `latest` when nothing is left. */
export function imageTagSlug(text: string): string {
  return slugify(text, LONGEST_TAG).replace(/^[.-]+/, "") || "latest";
}
