/**
 * Keys that do something on every page. Pure: a key and what was pressed before → what is meant.
 *
 * @module
 */

/** What a key means. */
export type Shortcut = { kind: "palette" | "search" | "help" } | { kind: "go"; key: string };

/** What is to be known of a press. */
export interface Press {
  key: string;
  ctrl: boolean;
  meta: boolean;
  alt: boolean;
  /** When, in milliseconds. */
  at: number;
  /** Whether what has the focus takes letters, or a dialog is open. */
  typing: boolean;
}

/** How long `g` waits for the next key, in milliseconds. */
export const PATIENCE_MS = 1_500;

/**
 * What a press means.
 *
 * @param before When `g` was pressed before it.
 * @returns `wait` when it was `g`; undefined when the press is none of ours.
 */
export function shortcutOf(press: Press, before?: number): Shortcut | "wait" | undefined {
  const { key, ctrl, meta, alt, at, typing } = press;
  if (key.toLowerCase() === "k" && ctrl !== meta && !alt) return { kind: "palette" };
  if (typing || ctrl || meta || alt) return undefined;
  if (before !== undefined && at - before <= PATIENCE_MS && /^[a-z]$/.test(key)) return { kind: "go", key };
  if (key === "g") return "wait";
  if (key === "/") return { kind: "search" };
  return key === "?" ? { kind: "help" } : undefined;
}
