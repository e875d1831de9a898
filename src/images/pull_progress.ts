/**
 * How far a pull is, in one line: layers that are there, and bytes. Pure.
 *
 * @module
 */

import type { ProgressEvent } from "../docker/progress.ts";

interface Layer {
  current: number;
  total: number;
  isDone: boolean;
}

/**
 * Adds up what the engine says of each layer.
 *
 * @example
 * ```ts
 * import { PullProgress } from "./pull_progress.ts";
 *
 * const progress = new PullProgress();
 * progress.add({ id: "a", status: "Already exists" });
 * progress.add({ id: "b", status: "Downloading", progressDetail: { current: 1_500_000, total: 6_000_000 } });
 * console.assert(progress.text === "1 of 2 layers, 1.5 of 6.0 MB");
 * ```
 */
export class PullProgress {
  readonly #layers = new Map<string, Layer>();
  /** What the name stands for in the registry, once it is known. */
  digest?: string;

  /** Takes what the engine says. */
  add({ id, status = "", progressDetail }: ProgressEvent): void {
    this.digest ??= /^Digest: (\S+)$/.exec(status)?.[1];
    // The first document's id is the tag.
    if (id === undefined || status === "" || status.startsWith("Pulling from")) return;
    let layer = this.#layers.get(id);
    if (layer === undefined) this.#layers.set(id, layer = { current: 0, total: 0, isDone: false });
    const { current, total } = progressDetail ?? {};
    if (status === "Downloading") {
      layer.current = current ?? layer.current;
      // Some registries do not say how large a layer is.
      layer.total = Math.max(total ?? 0, layer.total, layer.current);
    } else if (/^(Verifying Checksum|Download complete|Extracting)$/.test(status)) layer.current = layer.total;
    else if (/^(Pull complete|Already exists)$/.test(status)) {
      layer.current = layer.total;
      layer.isDone = true;
    }
  }

  /** `2 of 5 layers, 10.2 of 40.0 MB`; undefined as long as nothing is known. */
  get text(): string | undefined {
    const layers = [...this.#layers.values()];
    if (layers.length === 0) return undefined;
    const sum = (of: (layer: Layer) => number) => layers.reduce((all, layer) => all + of(layer), 0);
    const done = layers.filter(({ isDone }) => isDone).length;
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    const total = sum(({ total }) => total);
    const bytes = total === 0 ? "" : `, ${megabytes(sum(({ current }) => current))} of ${megabytes(total)} MB`;
    return `${done} of ${layers.length} ${layers.length === 1 ? "layer" : "layers"}${bytes}`;
  }
}
