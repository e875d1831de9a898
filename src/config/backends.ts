/**
 * The words of `flowctl backend`. They are apart, so that the command line knows them without loading all settings.
 *
 * @module
 */

/** Which API commands speak to where the environment names none; see `server/connect.ts`. */
export const BACKENDS = ["server", "cloud", "ephemeral"] as const;
/** See {@link BACKENDS}. */
export type Backend = typeof BACKENDS[number];

/** The API of `flowctl server start` when nothing else is said. */
export const LOOPBACK_URL = "http://127.0.0.1:4200/api";
