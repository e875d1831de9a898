/**
 * How a browser signs in, by the one-time link that the server prints or by a token that somebody types, and out. Ours.
 *
 * @module
 */

import { isEnough } from "../domain/tokens.ts";
import { isFlowctlError } from "../support/errors.ts";
import type { Assets } from "../ui/assets.ts";
import { type Html, html, pageAnswer } from "../ui/html.ts";
import type { Auth, Peer } from "./auth.ts";
import { STATUS } from "./errors.ts";
import type { Sessions } from "./sessions.ts";

/** The page's path; `?code=` is the one-time link, `?to=` where it leads. */
export const SIGN_IN_PATH = "/sign-in";
/** A POST there signs the browser out. */
export const SIGN_OUT_PATH = "/sign-out";

/** A form with a token is small. */
const MOST_BYTES = 4096;

/** See {@link signInPages}. */
export interface SignInPages {
  /** Answers what is about signing in and out; undefined for other requests. */
  (request: Request, peer: Peer | undefined): Promise<Response | undefined>;
  /** The page for somebody who has to sign in first; undefined when it is no browser that asks for a page. */
  instead(request: Request): Promise<Response> | undefined;
}

/**
 * Where somebody goes after signing in: a page of this server, or its first one. What leads elsewhere (another host, also as browsers
 * read `//host`, `/\host` and `/./\t/host`), to the API or back here is not followed.
 */
export function pathAfter(to: string | null): string {
  if (to === null || !to.startsWith("/")) return "/";
  const here = "http://here.invalid";
  if (!URL.canParse(to, here)) return "/";
  const { origin, pathname, search, hash } = new URL(to, here);
  const isPage = origin === here && !pathname.startsWith("//") &&
    !/^\/(api|assets|sign-in|sign-out)(\/|$)/.test(pathname);
  return isPage ? pathname + search + hash : "/";
}

/** Makes the pages. @param parts.assets The files that pages name; those of the dashboard unless a test says others. */
export function signInPages(
  { auth, sessions, assets }: { auth: Auth; sessions: Sessions; assets?: () => Promise<Assets> },
): SignInPages {
  const answer = async (request: Request, peer: Peer | undefined) => {
    // Every request comes by here.
    if (!request.url.includes("/sign-")) return undefined;
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === SIGN_OUT_PATH && request.method === "POST") return signedOut(request);
    if (pathname !== SIGN_IN_PATH) return undefined;
    const to = pathAfter(searchParams.get("to"));
    if (request.method === "POST") return await byToken(request, peer, to);
    if (request.method !== "GET") return undefined;
    const code = searchParams.get("code");
    if (code === null) return await form(200, to);
    const value = sessions.redeem(code);
    return await (value === undefined
      ? form(401, to, "This link was used already, or the server was started anew since. Sign in with a token instead.")
      : signedIn(request, value, to));
  };

  async function byToken(request: Request, peer: Peer | undefined, to: string): Promise<Response> {
    const length = Number(request.headers.get("content-length") ?? Infinity);
    if (!(length <= MOST_BYTES)) return await form(STATUS.too_large, to, "That is no token.");
    const text = new URLSearchParams(await request.text()).get("token")?.trim() ?? "";
    if (text === "") return await form(401, to, "Type a token.");
    try {
      const token = await auth.checkToken(text, peer);
      if (!isEnough(token.scope, "USER")) return await form(403, to, `A token of scope ${token.scope} opens no pages.`);
      return await signedIn(request, sessions.open(token.id), to);
    } catch (error) {
      if (!isFlowctlError(error)) throw error;
      return await form(Number(error.details.status ?? STATUS[error.code]), to, `${error.message}.`);
    }
  }

  async function signedIn(request: Request, value: string, to: string): Promise<Response> {
    // Not a redirect: a Strict cookie is not sent along one that began on another site, e.g. in somebody's mail.
    const page = await pageAnswer({
      title: "Signed in",
      body: html`
        <h1>Signed in</h1>
        <p><a href="${to}">Go on</a></p>
      `,
      goTo: to,
    }, assets);
    const secure = request.headers.get("x-forwarded-proto") === "https" ? "; Secure" : "";
    page.headers.append("set-cookie", `${sessions.cookie}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}`);
    return page;
  }

  function signedOut(request: Request): Response {
    sessions.close(request.headers);
    return new Response(null, {
      status: 303,
      headers: { location: SIGN_IN_PATH, "set-cookie": sessions.noCookie, "cache-control": "no-store" },
    });
  }

  const form = (status: number, to: string, said?: string): Promise<Response> =>
    pageAnswer({
      title: "Sign in",
      status,
      body: html`
        <h1>Sign in</h1>
        ${said === undefined ? "" : html`<p class="error" id="said" role="alert">${said}</p>`}
        <form method="post" action="${to === "/" ? SIGN_IN_PATH : `${SIGN_IN_PATH}?to=${encodeURIComponent(to)}`}">
          <div class="field${said === undefined ? "" : " field-wrong"}">
            <label for="token">Token</label>
            <input class="input" id="token" name="token" type="password" autocomplete="current-password" required
              autofocus${said === undefined ? "" : html`
                aria-describedby="said"
              `}>
          </div>
          <button class="button button-primary">Sign in</button>
        </form>
        ${explanation}
      `,
    }, assets);

  return Object.assign(answer, {
    instead(request: Request) {
      const isPage = request.method === "GET" && request.headers.get("accept")?.includes("text/html");
      const { pathname, search } = new URL(request.url);
      return isPage && !pathname.startsWith("/api/") ? form(401, pathAfter(pathname + search)) : undefined;
    },
  });
}

const explanation: Html = html`
  <p class="hint">
    This server wants a token of scope USER or ADMIN. Make one on its machine:
    <code>flowctl auth create-token -n NAME -s USER</code>
  </p>
`;
