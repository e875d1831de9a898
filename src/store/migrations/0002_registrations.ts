/**
 * Registrations: what a version stores beside a bundle, and that older versions are archived.
 *
 * @module
 */

/**
 * `storage`: where the code is when it is no bundle. `secrets`: names of the secrets that runs may read. `content_hash`: of code,
 * options and build inputs, by which an unchanged flow is known. `archived`: since when no new runs are made of it. `tasks`: what
 * the flow's tasks are called, for people. `idempotency_key`: what the caller of the registration said; only the newest version's
 * counts. `agent.stopped`: when an agent said that it stops.
 */
export const registrations = `
ALTER TABLE agent ADD COLUMN stopped TEXT;
ALTER TABLE project ADD COLUMN description TEXT;
ALTER TABLE deployment_version ADD COLUMN storage TEXT;
ALTER TABLE deployment_version ADD COLUMN secrets TEXT NOT NULL DEFAULT '[]';
ALTER TABLE deployment_version ADD COLUMN content_hash TEXT;
ALTER TABLE deployment_version ADD COLUMN archived TEXT;
ALTER TABLE deployment_version ADD COLUMN tasks TEXT;
ALTER TABLE deployment_version ADD COLUMN idempotency_key TEXT;
`;
