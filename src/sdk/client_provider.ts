/**
 * Where a flow that is called in a plain file finds the API: the connection is opened with the first call and closed when the last
 * run has ended, so that the process can exit.
 *
 * The SDK lies below the server and cannot open an API by itself; `src/mod` says how.
 *
 * @module
 */

import { clearTimeout, setTimeout } from "node:timers";
import type { Client } from "../client/client.ts";
import { FlowctlError } from "../support/errors.ts";

/** An open way to the API. */
export interface ClientConnection {
  client: Client;
  /** Takes one console line without its newline. Default: standard output. */
  print?: (line: string) => void;
  /** Where people look at it, without trailing slash. */
  page?: string;
  close(): Promise<void>;
}

let provider: (() => Promise<ClientConnection>) | undefined;
let connection: Promise<ClientConnection> | undefined;
let users = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

// Calls one after the other share a connection; a script that ends does not wait longer than this.
const IDLE_MS = 20;

/** Says how a client is found. Called once, by `src/mod`. */
export function setClientProvider(open: () => Promise<ClientConnection>): void {
  provider = open;
}

/** Works with a client. */
export async function withClient<T>(work: (connection: ClientConnection) => Promise<T>): Promise<T> {
  if (provider === undefined) {
    throw new FlowctlError("unsupported", "Cannot run a flow: this program has no way to reach an API");
  }
  clearTimeout(timer);
  users++;
  try {
    connection ??= provider();
    const open = await connection.catch((error) => {
      connection = undefined;
      throw error;
    });
    return await work(open);
  } finally {
    if (--users === 0) timer = setTimeout(() => void closeClient(), IDLE_MS);
  }
}

/** Closes the connection now. */
export async function closeClient(): Promise<void> {
  clearTimeout(timer);
  const open = connection;
  connection = undefined;
  await (await open?.catch(() => undefined))?.close();
}
