/**
 * What a page shows is in its address: changes of its query. Pure.
 *
 * @module
 */

/**
 * An address with other values in its query; empty and absent ones are left out, so that one choice has one address.
 *
 * @example
 * ```ts
 * import { withQuery } from "./address.ts";
 *
 * console.assert(withQuery("/flows?project=a&search=x", { search: "" }) === "/flows?project=a");
 * ```
 */
export function withQuery(address: string, changes: Record<string, string | undefined>): string {
  const [path, before = ""] = address.split("?", 2);
  const query = new URLSearchParams(before);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}
