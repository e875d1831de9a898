/**
 * What client and server agree on beside shapes, apart from the schemas: the dashboard is sent to browsers without them.
 *
 * @module
 */

/** The header that carries a lease's token. */
export const LEASE_HEADER = "x-flowctl-lease";

/** The longest a claim may be kept open, in seconds. */
export const MAX_CLAIM_WAIT_SECONDS = 60;
