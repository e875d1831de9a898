/**
 * The SDK on the API in memory.
 *
 * @module
 */

import { registerSdk } from "../../src/bundles/sdk_modules.ts";
import * as sdk from "../../src/mod/mod.ts";
import { closeClient, setClientProvider } from "../../src/sdk/client_provider.ts";
import { FakeApi } from "../testing/fake_api.ts";

// Loaded before a test says where its client comes from: loading it says so too.
registerSdk({ flowctl: () => sdk });

/** Makes calls of flows go to an API in memory; `await using` ends that. */
export function useFakeApi(): { api: FakeApi; printed: string[] } & AsyncDisposable {
  const api = new FakeApi();
  // The run asks whether it was cancelled; nobody ever cancels here, so the answer is that it is gone.
  api.intercept = (_method, path) => path.endsWith("/wait") ? { status: 404, body: { detail: "gone" } } : undefined;
  const printed: string[] = [];
  setClientProvider(() =>
    Promise.resolve({ client: api.client, print: (line) => void printed.push(line), close: async () => {} })
  );
  return { api, printed, [Symbol.asyncDispose]: closeClient };
}
