/**
 * Answers a browser: the one page that all addresses share, and the files it is made of.
 *
 * Files are named by their hashes, so they are kept for ever; the page is asked for each time. Nothing comes from another host and no
 * script stands in the page itself, and the policy that is sent along says so.
 *
 * @module
 */

import { type Assets, readAssets } from "./assets.ts";

/** Where the files are. They hold nothing that somebody must not see. */
export const ASSETS_PATH = "/assets/";

const TYPES: Record<string, string> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};

/** What a page of ours may load and do. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Answers a file of the dashboard; undefined for other addresses. */
export async function answerAsset(
  request: Request,
  read: () => Promise<Assets> = readAssets,
): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith(ASSETS_PATH)) return undefined;
  const asset = (await read()).get(pathname.slice(ASSETS_PATH.length));
  if (asset === undefined) return new Response("There is no such file", { status: 404 });
  const accepts = request.headers.get("accept-encoding") ?? "";
  const encoding = /\bbr\b/.test(accepts) ? "br" : /\bgzip\b/.test(accepts) ? "gzip" : undefined;
  return new Response((encoding === undefined ? asset.plain() : asset[encoding]) as Uint8Array<ArrayBuffer>, {
    headers: {
      "content-type": TYPES[/\.(\w+)$/.exec(asset.name)?.[1] ?? ""] ?? "application/octet-stream",
      ...encoding === undefined ? {} : { "content-encoding": encoding },
      "vary": "accept-encoding",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
    },
  });
}

/** Answers the page, at whatever address; undefined for a request that is no browser's for a page. */
export async function answerPage(
  request: Request,
  read: () => Promise<Assets> = readAssets,
): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  if (!/text\/html|\*\/\*/.test(request.headers.get("accept") ?? "*/*") || /\.\w+$/.test(pathname)) return undefined;
  const names = [...(await read()).keys()];
  const find = (pattern: RegExp) => ASSETS_PATH + names.find((name) => pattern.test(name));
  const [script, style, worker] = [find(/^app-\w+\.js$/), find(/^app-\w+\.css$/), find(/^worker-\w+\.js$/)];
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="flowctl-worker" content="${worker}">
<title>flowctl</title>
<link rel="icon" href="data:image/svg+xml,${ICON}">
<link rel="stylesheet" href="${style}">
<script type="module" src="${script}"></script>
</head>
<body><div id="app"></div><noscript>This page needs JavaScript. The same is told by the command line: flowctl --help</noscript></body>
</html>
`;
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}

const ICON = encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2563eb"/>` +
    `<path d="M4 4h8M4 8h5M4 12h2" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>`,
);
