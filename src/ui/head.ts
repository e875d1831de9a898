/**
 * What the heads of all pages have in common: the styles, the theme, the icon. Nothing stands in the page itself.
 *
 * @module
 */

import type { Assets } from "./assets.ts";

/** Where the files are. They hold nothing that somebody must not see. */
export const ASSETS_PATH = "/assets/";

/** The address of the file that was made of an entry point. @param ending E.g. `js` */
export function assetPath(assets: Assets, entry: string, ending: "js" | "css"): string {
  const pattern = new RegExp(`^${entry}-\\w+\\.${ending}$`);
  return ASSETS_PATH + [...assets.keys()].find((name) => pattern.test(name));
}

/** The addresses of all that a script imports at once: a browser that is told of them need not read one to hear of the next. */
export function importsOf(assets: Assets, script: string): string[] {
  const found = new Set<string>();
  const look = (name: string) => {
    const text = new TextDecoder().decode(assets.get(name)?.plain());
    for (const [, part] of text.matchAll(/\b(?:from|import)\s*"\.\/(part-\w+\.js)"/g)) {
      if (found.has(part)) continue;
      found.add(part);
      look(part);
    }
  };
  look(script.slice(ASSETS_PATH.length));
  return [...found].map((name) => ASSETS_PATH + name);
}

/** Elements of a page's head. The theme's script is waited for: a page that is dark must not flash. */
export const commonHead = (assets: Assets): string =>
  `<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,${ICON}">
<script src="${assetPath(assets, "theme_boot", "js")}"></script>
<link rel="stylesheet" href="${assetPath(assets, "app", "css")}">`;

const ICON = encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2f52d6"/>` +
    `<path d="M4 4h8M4 8h5M4 12h2" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>`,
);
