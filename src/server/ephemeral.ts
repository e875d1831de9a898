/**
 * The API in this very process: the same app on the same database file, without a listener and without the server's loops.
 *
 * What is made here is there when a server starts on the same home; its scheduler makes the runs of schedules then.
 *
 * @module
 */

import process from "node:process";
import { createApi } from "../api/app.ts";
import type { Fetch } from "../client/transport.ts";
import type { Settings } from "../config/settings.ts";
import { binaryOffer } from "../images/binaries.ts";
import { openStore } from "../store/database.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import { isCompiled } from "../support/runtime.ts";
import { openSecretBox } from "../support/secret_box.ts";
import { VERSION } from "../support/version.ts";
import { homeFiles, prepareHome } from "./home.ts";

/** An API that is open in this process. */
export interface Ephemeral {
  fetch: Fetch;
  close(): Promise<void>;
}

/** What {@link openEphemeral} takes. */
export interface EphemeralOptions {
  settings: Pick<Settings, "home">;
  log: Log;
  clock?: Clock;
  random?: () => number;
}

/**
 * Opens it.
 *
 * @throws {FlowctlError} when home or database can't be used.
 */
export async function openEphemeral(
  { settings, log, clock = systemClock, random = Math.random }: EphemeralOptions,
): Promise<Ephemeral> {
  prepareHome(settings.home);
  const store = await openStore({ path: homeFiles(settings.home).database, clock });
  const drain = new AbortController();
  const binaries = binaryOffer({
    home: settings.home,
    version: VERSION,
    own: isCompiled ? process.execPath : undefined,
  });
  const secrets = openSecretBox(homeFiles(settings.home).secretKey);
  const api = createApi({ store, clock, random, log, secrets, version: VERSION, drain: drain.signal, binaries });
  let closed: Promise<void> | undefined;
  return {
    fetch: (url, init) => api.fetch(new Request(url, init)),
    close() {
      drain.abort();
      return closed ??= store.close();
    },
  };
}
