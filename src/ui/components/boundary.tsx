/**
 * What stands in the place of a page that failed, so that nobody ever sees an empty one.
 *
 * @module
 */

import { Component, type ComponentChildren, type ComponentType } from "preact";
import { useLocation } from "preact-iso/router";
import { useEffect } from "preact/hooks";
import { connection } from "../live/stream.ts";
import type { PageProps } from "../routes.ts";
import { Button } from "./controls.tsx";
import { Failure, Page } from "./layout.tsx";

/** Which version of the pages was loaded anew because a part of it was gone; kept per tab. */
const RELOADED_KEY = "flowctl_reloaded_from";

/** The script that this page runs; its name changes with every version. */
export const ownScript = (): string =>
  new URL(document.querySelector<HTMLScriptElement>("script[type=module]")!.src).pathname;

/**
 * Loads a page's part. A server that was upgraded has it no longer: then everything is loaded anew, once. What fails otherwise is
 * said in the page's place.
 */
export const pageLoader =
  (load: () => Promise<{ default: ComponentType<PageProps> }>) =>
  async (): Promise<{ default: ComponentType<PageProps> }> => {
    try {
      return await load();
    } catch (error) {
      if (await isUpgraded()) {
        sessionStorage.setItem(RELOADED_KEY, ownScript());
        location.reload();
        return await new Promise(() => {});
      }
      console.warn(error);
      return { default: NotLoaded };
    }
  };

/** Whether the server answers, and this version of the pages was not loaded anew before. */
async function isUpgraded(): Promise<boolean> {
  if (sessionStorage.getItem(RELOADED_KEY) === ownScript()) return false;
  return (await fetch("/api/health").catch(() => undefined))?.ok === true;
}

/** Told when a part could not be loaded; goes on by itself when the server is back. */
function NotLoaded() {
  const state = connection.value;
  useEffect(() => {
    if (state !== "lost") return;
    return connection.subscribe((now) => now === "open" && location.reload());
  }, [state]);
  return (
    <Page title="Page not loaded">
      <Failure
        error={Object.assign(new Error("Cannot load this page: the server did not send it"), {
          hint: "See that the server runs. The page is tried again as soon as it answers.",
        })}
      />
      <Button icon="again" onClick={() => location.reload()}>Load again</Button>
    </Page>
  );
}

/** Shows what failed instead of the page, until somebody goes elsewhere. */
export function PageBoundary({ children }: { children: ComponentChildren }) {
  const { url } = useLocation();
  return <Boundary url={url}>{children}</Boundary>;
}

class Boundary extends Component<{ url: string; children: ComponentChildren }, { error?: Error }> {
  override state: { error?: Error } = {};

  override componentDidCatch(error: Error): void {
    console.error(error);
    this.setState({ error });
  }

  override componentDidUpdate(before: { url: string }): void {
    if (before.url !== this.props.url && this.state.error !== undefined) this.setState({ error: undefined });
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <Page title="Page failed">
        <Failure
          error={Object.assign(new Error(`Cannot show this page: ${error.message}`), {
            hint: "Nothing was changed by this. Show it again, or go elsewhere and come back.",
          })}
        />
        <div class="actions">
          <Button icon="again" onClick={() => this.setState({ error: undefined })}>Show it again</Button>
          <Button href="/" icon="overview">Overview</Button>
        </div>
      </Page>
    );
  }
}
