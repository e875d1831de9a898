/**
 * A page about one thing, which is a whole page also while the thing is on its way, or when nothing has its address.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import type { Live } from "../live/use_live.ts";
import { Empty, Failure, Page } from "./layout.tsx";

/** @param noun What it is about, e.g. `Deployment`. @param children Makes the page of what is known. */
export function PageShown<T>({ noun, live, children }: {
  noun: string;
  live: Live<T>;
  children: (data: T) => ComponentChildren;
}) {
  if (live.data !== undefined) return <>{children(live.data)}</>;
  if (live.error === undefined) {
    return (
      <Page title={noun}>
        <p class="loading" role="status">Loading…</p>
      </Page>
    );
  }
  const code = (live.error as Error & { code?: string }).code;
  if (code === "not_found" || code === "invalid") {
    return (
      <Page title={`${noun} not found`}>
        <Empty title="Nothing has this address.">
          <p>
            It may have been deleted. Go to the <a href="/">overview</a>, or press <kbd>Ctrl</kbd> <kbd>K</kbd>{" "}
            and search.
          </p>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={noun}>
      <Failure error={live.error} retry={live.refresh} />
    </Page>
  );
}
