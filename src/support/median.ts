/**
 * The middle of numbers.
 *
 * @module
 */

/**
 * The middle one, or the mean of the two in the middle; null of none. The list is left as it is.
 *
 * @example
 * ```ts
 * import { median } from "./median.ts";
 *
 * console.assert(median([9, 1, 2]) === 2);
 * console.assert(median([1, 2]) === 1.5);
 * console.assert(median([]) === null);
 * ```
 */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
