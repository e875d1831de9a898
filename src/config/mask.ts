/**
 * Values for people to see: without what is secret in them.
 *
 * @module
 */

import { withoutTokens } from "../domain/tokens.ts";
import type { SettingSpec } from "./settings.ts";

/** What stands for a secret. */
export const MASK = "********";

/**
 * The value of a setting as it may be shown: nothing of a secret one, and of others no token and no password of an address.
 *
 * @example
 * ```ts
 * import { maskedSetting } from "./mask.ts";
 * import { SETTINGS } from "./settings.ts";
 *
 * console.assert(maskedSetting(SETTINGS.apiKey, "fct_abc") === "********");
 * console.assert(maskedSetting(SETTINGS.apiUrl, "http://me:pw@host/api") === "http://me:********@host/api");
 * ```
 */
export function maskedSetting(spec: SettingSpec, value: string): string {
  if (spec.secret) return MASK;
  return withoutTokens(value).replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/?#@:]*):[^\s/?#]*@/gi, `$1:${MASK}@`);
}
