/**
 * Pages as text: everything that is put in is escaped unless it is a page's part itself.
 *
 * @module
 */

import { createHash } from "node:crypto";

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

const STYLE = `:root{color-scheme:light dark;--line:#8883}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:64rem;padding:1rem}
header{display:flex;gap:1rem;align-items:baseline;flex-wrap:wrap;border-bottom:1px solid var(--line);margin-bottom:1rem}
header a:first-child{font-weight:700}h1{font-size:1.3rem;margin:.5rem 0;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:1.4rem 0 .4rem}
a{color:LinkText;text-decoration:none}a:hover{text-decoration:underline}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
.lines{list-style:none;margin:0;padding:0;font:13px/1.45 ui-monospace,monospace}
.lines li{display:grid;grid-template-columns:7.5em 5em 1fr;column-gap:1em}
.lines span{overflow-wrap:anywhere;white-space:pre-wrap}
pre{overflow-wrap:anywhere;white-space:pre-wrap;font:13px/1.45 ui-monospace,monospace;margin:0}
.state{border-radius:4px;padding:0 .4em;background:#8882;white-space:nowrap}
.COMPLETED{background:#2a72}.FAILED,.CRASHED{background:#d223}.RUNNING{background:#27d3}.CANCELLED,.CANCELLING{background:#8884}
.SCHEDULED,.PENDING,.PAUSED{background:#ca23}.quiet{opacity:.7}.ERROR,.CRITICAL{color:#c33}.WARNING{color:#b70}
@media(max-width:40rem){table,tbody,tr,td{display:block}thead{display:none}td{border:0;padding:0}tr{border-bottom:1px solid var(--line);padding:.4rem 0}}`;
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** What surrounds every page. */
export interface PageOptions {
  title: string;
  body: Html;
  /** The page asks for itself again after so many seconds. */
  refreshSeconds?: number;
  /** Where the refresh leads, when not to the page itself. */
  refreshTo?: string;
  /** Whether the page holds a form, which may be sent to this server. */
  hasForm?: boolean;
  status?: number;
}

/** A whole page; the browser may load nothing but it. */
export function pageAnswer(
  { title, body, refreshSeconds, refreshTo, hasForm = false, status = 200 }: PageOptions,
): Response {
  const refresh = refreshSeconds === undefined
    ? ""
    : html`<meta http-equiv="refresh" content="${refreshSeconds}${refreshTo === undefined ? "" : `;url=${refreshTo}`}">`
      .text;
  const text = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">${refresh}<title>${
    escapeHtml(title)
  } · flowctl</title>
<style>${STYLE}</style></head><body><header><a href="/">flowctl</a><a href="/docs">API reference</a></header>
${body.text}</body></html>`;
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; ` +
        `base-uri 'none'; form-action ${hasForm ? "'self'" : "'none'"}; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}
