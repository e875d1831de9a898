/**
 * Settings for people: what counts, where it was said, and nothing that is secret.
 *
 * @module
 */

import type { ProfileValues } from "../config/profiles.ts";
import { findSetting, SETTINGS, type SettingSpec } from "../config/settings.ts";

/** What stands in the place of a secret. */
export const MASK = "********";

/** A setting as it counts. */
export interface SettingRow {
  name: string;
  /** Masked; for a default its description. */
  value: string;
  from: "environment" | "profile" | "default";
}

/** All settings in the order of their table. */
export const settingRows = (env: Record<string, string | undefined>, profile: ProfileValues): SettingRow[] =>
  Object.values<SettingSpec>(SETTINGS).map((spec) => {
    const found = findSetting(spec, env, profile);
    if (found === undefined) return { name: spec.name, value: spec.default, from: "default" };
    return { name: spec.name, value: masked(spec.name, found.text), from: found.source };
  });

/** A value as it may be shown: secrets are not, nor are passwords within addresses. */
export function masked(name: string, text: string): string {
  const spec = Object.values<SettingSpec>(SETTINGS).find((one) => one.name === name || one.older?.includes(name));
  // What is no setting of ours (any more) may be anything.
  if (spec === undefined || spec.secret) return MASK;
  return text.replace(/(:\/\/)[^/@\s]*@/g, `$1${MASK}@`);
}
