/**
 * What only people with a token of scope ADMIN see; others see a sentence that says so.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import type { Live } from "../live/use_live.ts";
import { Empty, Shown } from "./layout.tsx";

/** @param what The beginning of the sentence, e.g. `Tokens are seen and made`. */
export function NeedsAdmin<T>({ live, what, children }: {
  live: Live<T>;
  what: string;
  children: (data: T) => ComponentChildren;
}) {
  const isRefused = (live.error as { code?: string } | undefined)?.code === "forbidden";
  if (!isRefused) return <Shown live={live}>{children}</Shown>;
  return (
    <Empty title={`${what} with a token of scope ADMIN.`}>
      <p>
        You are signed in with another one. Make one on the server's machine with{" "}
        <code>flowctl auth create-token -n NAME --scope ADMIN</code> and sign in with that.
      </p>
    </Empty>
  );
}
