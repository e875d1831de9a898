/**
 * How a server is told from others that might answer at the same address.
 *
 * A module of its own: who only connects must not load the API.
 *
 * @module
 */

/** The header of `/health` that bears the server's instance id. */
export const INSTANCE_HEADER = "x-flowctl-instance";
