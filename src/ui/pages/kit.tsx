/**
 * Kit.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function KitPage() {
  return <Page title="Kit">…</Page>;
}
