/**
 * Projects.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function ProjectsPage() {
  return <Page title="Projects">…</Page>;
}
