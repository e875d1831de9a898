/**
 * A part of a page that is loaded when it is shown, as pages are.
 *
 * @module
 */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure } from "./layout.tsx";

/**
 * Makes a component of one that has to be loaded.
 *
 * @example
 * ```tsx ignore
 * const Graph = lazyPart(async () => (await import("./graph/graph.tsx")).Graph);
 * ```
 */
export function lazyPart<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return (props: P) => {
    const [error, setError] = useState<Error | undefined>(undefined);
    const [, render] = useState({});
    const begin = () => {
      setError(undefined);
      load().then((part) => {
        loaded = part;
        render({});
      }, setError);
    };
    useEffect(() => {
      if (loaded === undefined) begin();
    }, []);
    if (loaded !== undefined) {
      const Part = loaded;
      return <Part {...props} />;
    }
    if (error !== undefined) return <Failure error={error} retry={begin} />;
    return <p class="loading" role="status">Loading…</p>;
  };
}
