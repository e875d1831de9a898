/**
 * Settings: what the server is and holds, secrets, logins for registries. Each part is a file of its own.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";
import { Registries } from "../components/settings/registries.tsx";
import { Secrets } from "../components/settings/secrets.tsx";
import { Server } from "../components/settings/server.tsx";

/** See the module's comment. */
export default function SettingsPage() {
  return (
    <Page title="Settings">
      <Secrets />
      <Registries />
      <Server />
    </Page>
  );
}
