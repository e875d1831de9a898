/**
 * Puts the chosen theme on the page before it is first painted: a small script of its own that the page waits for.
 *
 * It imports nothing, for it is no module in the browser; `theme.ts` writes what it reads.
 *
 * @module
 */

try {
  const theme = localStorage.getItem("flowctl_theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing follows the system.
}
