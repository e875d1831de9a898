/**
 * Tokens.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function TokensPage() {
  return <Page title="Tokens">…</Page>;
}
