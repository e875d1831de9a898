/**
 * What is around every page: navigation, the state of the connection, messages.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso/router";
import { useEffect, useState } from "preact/hooks";
import { connection, retry } from "../live/stream.ts";
import { ROUTES } from "../routes.ts";
import { Overlays } from "./overlays.tsx";
import { Icon } from "./text.tsx";

/** See the module's comment. */
export function Frame({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  const isHere = (of: string) => of === "/" ? path === "/" : path === of || path.startsWith(`${of}/`);
  return (
    <div class="frame">
      <a class="skip" href="#main">Skip to the page</a>
      <header class={open ? "sidebar sidebar-open" : "sidebar"}>
        <div class="bar">
          <a class="brand" href="/">
            <svg class="brand-mark" viewBox="0 0 16 16" aria-hidden="true">
              <rect width="16" height="16" rx="4" />
              <path d="M4 4h8M4 8h5M4 12h2" stroke-width="2" stroke-linecap="round" />
            </svg>
            flowctl
          </a>
          <span class="bar-only-narrow">
            <button
              type="button"
              class="button button-quiet button-icon"
              aria-label="Menu"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              <Icon name={open ? "cross" : "menu"} />
            </button>
          </span>
        </div>
        <nav class="nav" aria-label="Pages">
          {ROUTES.filter(({ nav }) => nav !== undefined).map(({ path: to, nav, icon }) => (
            <a key={to} href={to} aria-current={isHere(to) ? "page" : undefined}>
              <Icon name={icon!} />
              {nav}
            </a>
          ))}
        </nav>
      </header>
      <div class="content">
        <Connection />
        {children}
      </div>
      <Overlays />
    </div>
  );
}

/** Says that the server is away, until it is back. */
function Connection() {
  switch (connection.value) {
    case "open":
      return null;
    case "signed_out":
      return (
        <div class="banner" role="alert">
          You are signed out. <a href="/sign-in">Sign in again</a>
        </div>
      );
    case "lost":
      return (
        <div class="banner" role="alert">
          The server does not answer. What you see is how it was; this page goes on when the server is back.{" "}
          <button type="button" class="button button-plain" onClick={retry}>Try now</button>
        </div>
      );
  }
}
