/**
 * What is around every page: navigation, search, who is signed in, the state of the connection, messages.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso/router";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api.ts";
import { useLive } from "../live/use_live.ts";
import { paletteIsOpen } from "../opened.ts";
import { ROUTES } from "../routes.ts";
import { setTheme, theme } from "../theme.ts";
import { KeyHint } from "./bits.tsx";
import { Segmented } from "./choices.tsx";
import { Button } from "./controls.tsx";
import { ConnectionBanner, ConnectionState } from "./connection.tsx";
import { Overlays } from "./overlays.tsx";
import { Palette } from "./palette.tsx";
import { PALETTE_KEYS, Shortcuts } from "./shortcuts.tsx";
import { Icon } from "./text.tsx";

/** See the module's comment. */
export function Frame({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
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
            <Button kind="quiet" icon="search" title="Search" onClick={() => void (paletteIsOpen.value = true)} />
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
        <button type="button" class="search-button" onClick={() => paletteIsOpen.value = true}>
          <Icon name="search" size={14} /> Search <KeyHint keys={PALETTE_KEYS} />
        </button>
        <Pages path={path} />
        <Foot />
      </header>
      <div class="content">
        <ConnectionBanner />
        {children}
      </div>
      <Palette />
      <Shortcuts />
      <Overlays />
    </div>
  );
}

/** Whether an address belongs to a page of the navigation: runs have addresses of their own. */
const isWithin = (path: string, of: string): boolean =>
  of === "/" ? path === "/" : path === of || path.startsWith(`${of}/`) ||
    (of === "/runs" && /^(\/default)?\/(flow-runs?|task-runs?)\//.test(path));

const Pages = ({ path }: { path: string }) => (
  <nav class="nav" aria-label="Pages">
    {ROUTES.filter(({ nav }) => nav !== undefined).map(({ path: to, nav, icon }) => (
      <a key={to} href={to} aria-current={isWithin(path, to) ? "page" : undefined}>
        <Icon name={icon!} />
        {nav}
      </a>
    ))}
  </nav>
);

/** Who is signed in, light or dark, the version. */
function Foot() {
  const { data: me } = useLive("me", () => api.tokens.me(), ({ kind }) => kind === "token");
  const { data: version } = useLive("version", () => api.admin.version(), () => false);
  return (
    <div class="sidebar-foot">
      {me?.kind !== "page" ? null : (
        <form class="identity" method="post" action="/sign-out">
          <span class="clip" title={me.name ?? undefined}>
            {me.name ?? "By link"} <span class="small">{me.scope}</span>
          </span>
          <button type="submit" class="button button-quiet button-icon" aria-label="Sign out" title="Sign out">
            <Icon name="sign_out" />
          </button>
        </form>
      )}
      <div class="foot-line">
        <ConnectionState />
        <Segmented
          label="Theme"
          value={theme.value}
          onChange={setTheme}
          options={[
            { value: "light", label: "Light", icon: "sun", hideLabel: true },
            { value: "system", label: "As the system says", icon: "system", hideLabel: true },
            { value: "dark", label: "Dark", icon: "moon", hideLabel: true },
          ]}
        />
      </div>
      <span class="version">{version === undefined ? null : `flowctl ${version}`}</span>
    </div>
  );
}
