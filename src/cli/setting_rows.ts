/**
 * Settings for people: what counts, where it was said, and nothing that is secret.
 *
 * @module
 */

import { MASK, maskedSetting } from "../config/mask.ts";
import type { ProfileValues } from "../config/profiles.ts";
import { findSetting, SETTINGS, type SettingSpec } from "../config/settings.ts";

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
    return { name: spec.name, value: maskedSetting(spec, found.text), from: found.source };
  });

/** A value of a profile as it may be shown. */
export function masked(name: string, text: string): string {
  const spec = Object.values<SettingSpec>(SETTINGS).find((one) => one.name === name || one.older?.includes(name));
  // What is no setting of ours (any more) may be anything.
  return spec === undefined ? MASK : maskedSetting(spec, text);
}
