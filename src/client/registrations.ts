/**
 * Calls about registrations and the versions they make.
 *
 * @module
 */

import type {
  RegisteredVersion,
  Registration,
  RegistrationCheck,
  RegistrationChecked,
  RegistrationCreate,
} from "../domain/registrations.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const registrations = (api: Transport) => ({
  /** Makes a new version of a flow, unless the newest one is the same. */
  create: (registration: RegistrationCreate) =>
    api.json<Registration>("POST", "/registrations/", { body: registration }),
  /** Whether {@link create} would make a new version; the newest one when not. */
  check: (check: RegistrationCheck) =>
    api.json<RegistrationChecked>("POST", "/registrations/check", { body: check, reads: true }),
  /** A version by its id. */
  version: (id: string) => api.json<RegisteredVersion>("GET", `/deployment_versions/${id}`),
  /** The versions of a flow, newest first. */
  versions: (flowId: string) => api.json<RegisteredVersion[]>("GET", `/flows/${flowId}/versions`),
});
