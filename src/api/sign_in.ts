/**
 * How a browser signs in: by the one-time link that the server prints, or by a token that somebody types. Ours.
 *
 * @module
 */

import { isEnough } from "../domain/tokens.ts";
import { type Html, html, pageAnswer } from "../ui/html.ts";
import { isFlowctlError } from "../support/errors.ts";
import type { Auth, Peer } from "./auth.ts";
import { STATUS } from "./errors.ts";
import type { Sessions } from "./sessions.ts";

/** The page's path; `?code=` is the one-time link. */
export const SIGN_IN_PATH = "/sign-in";

/** A form with a token is small. */
const MOST_BYTES = 4096;

/** See {@link signInPages}. */
export interface SignInPages {
  /** Answers what is about signing in; undefined for other requests. */
  (request: Request, peer: Peer | undefined): Promise<Response | undefined>;
  /** The page for somebody who has to sign in first; undefined when it is no browser that asks for a page. */
  instead(request: Request): Response | undefined;
}

/** Makes the pages. */
export function signInPages({ auth, sessions }: { auth: Auth; sessions: Sessions }): SignInPages {
  const answer = async (request: Request, peer: Peer | undefined) => {
    // Every request comes by here.
    if (!request.url.includes(SIGN_IN_PATH)) return undefined;
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== SIGN_IN_PATH) return undefined;
    if (request.method === "POST") return await byToken(request, peer);
    if (request.method !== "GET") return undefined;
    const code = searchParams.get("code");
    if (code === null) return form(200);
    const value = sessions.redeem(code);
    return value === undefined
      ? form(401, "This link was used already, or the server was started anew since. Sign in with a token instead.")
      : signedIn(request, value);
  };

  async function byToken(request: Request, peer: Peer | undefined): Promise<Response> {
    const length = Number(request.headers.get("content-length") ?? Infinity);
    if (!(length <= MOST_BYTES)) return form(STATUS.too_large, "That is no token.");
    const text = new URLSearchParams(await request.text()).get("token")?.trim() ?? "";
    if (text === "") return form(401, "Type a token.");
    try {
      const token = await auth.checkToken(text, peer);
      if (!isEnough(token.scope, "USER")) return form(403, `A token of scope ${token.scope} opens no pages.`);
      return signedIn(request, sessions.open(token.id));
    } catch (error) {
      if (!isFlowctlError(error)) throw error;
      return form(Number(error.details.status ?? STATUS[error.code]), `${error.message}.`);
    }
  }

  function signedIn(request: Request, value: string): Response {
    // Not a redirect: a Strict cookie is not sent along one that began on another site, e.g. in somebody's mail.
    const page = pageAnswer({
      title: "Signed in",
      body: html`<p>Signed in. <a href="/">Go on</a></p>`,
      refreshSeconds: 0,
      refreshTo: "/",
    });
    const secure = request.headers.get("x-forwarded-proto") === "https" ? "; Secure" : "";
    page.headers.append("set-cookie", `${sessions.cookie}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}`);
    return page;
  }

  return Object.assign(answer, {
    instead(request: Request) {
      const isPage = request.method === "GET" && request.headers.get("accept")?.includes("text/html");
      return isPage && !new URL(request.url).pathname.startsWith("/api/") ? form(401) : undefined;
    },
  });
}

const form = (status: number, said?: string): Response =>
  pageAnswer({
    title: "Sign in",
    status,
    hasForm: true,
    body: html`
      <h1>Sign in</h1>
      ${said === undefined ? explanation : html`<p>${said}</p>`}
      <form method="post" action="${SIGN_IN_PATH}">
        <label>Token <input name="token" type="password" autocomplete="current-password" required></label>
        <button>Sign in</button>
      </form>
    `,
  });

const explanation: Html = html`
  <p>
    This server wants a token of scope USER or ADMIN. One is made on its machine with
    <code>flowctl auth create-token -n NAME -s USER</code>.
  </p>
`;
