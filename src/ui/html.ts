/**
 * Pages as text, for what must work before anything is allowed and without scripts: everything that is put in is escaped unless it is
 * a page's part itself. They look like the rest: the same styles, the same theme.
 *
 * @module
 */

import { type Assets, readAssets } from "./assets.ts";
import { commonHead } from "./head.ts";

/** A piece of HTML, as opposed to a text that must be escaped. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template. */
export type Part = Html | string | number | null | undefined | false | readonly Part[];

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** A text as it may stand between tags and in quoted attributes. Control characters that could confuse a reader are shown as `�`. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => ESCAPES[char])
    // deno-lint-ignore no-control-regex -- that is what is taken out
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]/g, "�");

function textOf(part: Part): string {
  if (part === null || part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(textOf).join("");
  return escapeHtml(String(part));
}

/**
 * A template whose values are escaped.
 *
 * @example
 * ```ts
 * import { html } from "./html.ts";
 *
 * console.assert(html`<b>${"<i>"}</b>`.text === "<b>&lt;i&gt;</b>");
 * ```
 */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(texts.reduce((all, text, i) => all + textOf(parts[i - 1]) + text));
}

/** What surrounds every page. */
export interface PageOptions {
  title: string;
  body: Html;
  /** The browser goes on to this path by itself. */
  goTo?: string;
  status?: number;
}

/** A whole page; the browser may load nothing for it but the styles and the theme, and send its form only here. */
export async function pageAnswer(
  { title, body, goTo, status = 200 }: PageOptions,
  read: () => Promise<Assets> = readAssets,
): Promise<Response> {
  const refresh = goTo === undefined ? "" : html`<meta http-equiv="refresh" content="0;url=${goTo}">`.text;
  const text = `<!doctype html>
<html lang="en">
<head>
${commonHead(await read())}
${refresh}<title>${escapeHtml(title)} · flowctl</title>
</head>
<body><main class="gate">
${MARK}
<div class="card">${body.text}</div>
</main></body>
</html>
`;
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; " +
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      // With none at all a browser would not say either that the form comes from here.
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
    },
  });
}

const MARK = `<p class="brand"><svg class="brand-mark" viewBox="0 0 16 16" aria-hidden="true">` +
  `<rect width="16" height="16" rx="4"/><path d="M4 4h8M4 8h5M4 12h2" stroke-width="2" stroke-linecap="round"/></svg>` +
  `flowctl</p>`;
