/**
 * Whether the server is heard: a banner as long as it is not, and when its pages are newer than the one that is shown.
 *
 * @module
 */

import { signal } from "@preact/signals";
import { useLocation } from "preact-iso/router";
import { useEffect } from "preact/hooks";
import { connection, retry } from "../live/stream.ts";
import { ownScript } from "./boundary.tsx";
import { Button } from "./controls.tsx";
import { Icon } from "./text.tsx";

/** Whether the server has other pages than this one. */
const isOld = signal(false);

/** Where one signs in and comes back to this page. */
const signInPath = (): string =>
  `/sign-in?to=${encodeURIComponent(location.pathname + location.search + location.hash)}`;

/** The banner above the page; nothing when all is well. */
export function ConnectionBanner() {
  const state = connection.value;
  useLocation();
  useEffect(() => {
    if (state === "open") return;
    // When it is back it may be another version.
    return connection.subscribe(async (now) => {
      if (now !== "open") return;
      const page = await fetch("/", { headers: { accept: "text/html" } }).catch(() => undefined);
      if (page?.ok) isOld.value = !(await page.text()).includes(ownScript());
    });
  }, [state]);
  if (state === "lost") {
    return (
      <div class="banner" role="alert">
        <Icon name="warning" />
        <span>The server does not answer. What you see is how it was; this page goes on when the server is back.</span>
        <Button small onClick={retry}>Try now</Button>
      </div>
    );
  }
  if (state === "signed_out") {
    return (
      <div class="banner" role="alert">
        <Icon name="warning" />
        <span>You are signed out. What you see is how it was.</span>
        <a
          class="button button-plain button-small"
          href={signInPath()}
          // Nobody says here when the part behind # changes.
          onClick={({ currentTarget }) => currentTarget.href = signInPath()}
        >
          Sign in again
        </a>
      </div>
    );
  }
  if (!isOld.value) return null;
  return (
    <div class="banner" role="status">
      <Icon name="info" />
      <span>The server was upgraded. This page is still the old one.</span>
      <Button small onClick={() => location.reload()}>Load the new one</Button>
    </div>
  );
}

const WORDS = { open: "Live", lost: "Offline", signed_out: "Signed out" } as const;

/** One word on it, for the foot of the navigation. */
export const ConnectionState = () => (
  <span class={`link-state link-state-${connection.value}`}>{WORDS[connection.value]}</span>
);
