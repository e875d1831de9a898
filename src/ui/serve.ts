/**
 * Answers a browser: the one page that all addresses share, and the files it is made of.
 *
 * Files are named by their hashes, so they are kept for ever; the page is asked for each time. Nothing comes from another host and no
 * script stands in the page itself, and the policy that is sent along says so.
 *
 * @module
 */

import { type Assets, readAssets } from "./assets.ts";
import { assetPath, ASSETS_PATH, commonHead, importsOf } from "./head.ts";

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

/** What the application's script imports, worked out once. */
const preloads = new WeakMap<Assets, string[]>();

/** Answers the page, at whatever address; undefined for a request that is no browser's for a page. */
export async function answerPage(
  request: Request,
  read: () => Promise<Assets> = readAssets,
): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  if (!/text\/html|\*\/\*/.test(request.headers.get("accept") ?? "*/*") || /\.\w+$/.test(pathname)) return undefined;
  const assets = await read();
  const script = assetPath(assets, "app", "js");
  preloads.get(assets) ?? preloads.set(assets, importsOf(assets, script));
  const page = `<!doctype html>
<html lang="en">
<head>
${commonHead(assets)}
<meta name="flowctl-worker" content="${assetPath(assets, "worker", "js")}">
<meta name="flowctl-layout-worker" content="${assetPath(assets, "layout_worker", "js")}">
<title>flowctl</title>
<script type="module" src="${script}"></script>
${preloads.get(assets)!.map((path) => `<link rel="modulepreload" href="${path}">\n`).join("")}</head>
<body><div id="app"></div><noscript>This page needs JavaScript. The same is told by the command line: flowctl --help</noscript></body>
</html>
`;
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      // With none at all a browser would not say either that a form comes from here.
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
    },
  });
}
