/**
 * Settings.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function SettingsPage() {
  return <Page title="Settings">…</Page>;
}
