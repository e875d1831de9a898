/**
 * Light, dark, or as the system says: chosen by whoever looks, kept in this browser, the same in all its tabs.
 *
 * @module
 */

import { signal } from "@preact/signals";

/** What can be chosen. */
export type Theme = "light" | "dark" | "system";

/** Where it is kept; `theme_boot.ts` reads it before anything is painted. */
export const THEME_KEY = "flowctl_theme";

/** What is kept → the theme. Anything unknown is the system's. */
export const themeOf = (kept: string | null): Theme => kept === "light" || kept === "dark" ? kept : "system";

/** The one after it: from what is seen to its opposite, so that one press always changes something. */
export const otherTheme = (theme: Theme, systemIsDark: boolean): Theme =>
  (theme === "system" ? systemIsDark : theme === "dark") ? "light" : "dark";

/** The chosen theme. */
export const theme = signal<Theme>("system");

/** Chooses a theme. */
export function setTheme(chosen: Theme): void {
  show(chosen);
  try {
    if (chosen === "system") localStorage.removeItem(THEME_KEY);
    else localStorage.setItem(THEME_KEY, chosen);
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
}

/** From light to dark or back. */
export const toggleTheme = (): void =>
  setTheme(otherTheme(theme.value, matchMedia("(prefers-color-scheme: dark)").matches));

/** Reads what was chosen, and follows what other tabs choose. */
export function followTheme(): void {
  try {
    theme.value = themeOf(localStorage.getItem(THEME_KEY));
  } catch {
    return;
  }
  addEventListener("storage", ({ key, newValue }) => {
    if (key === THEME_KEY || key === null) show(themeOf(newValue));
  });
}

function show(chosen: Theme): void {
  theme.value = chosen;
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}
