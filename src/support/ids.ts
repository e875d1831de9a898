/**
 * Ids: UUID version 7, so that rows made later sort later and indexes grow at their end.
 *
 * Prefect's clients expect UUIDs and never look at the version. The only importer of `uuid`.
 *
 * @module
 */

import { v7 } from "uuid";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A new id: lower case, dashed, ascending within this process. */
export function newId(): string {
  return v7();
}

/** Whether a text is a dashed UUID of any version, in either case. It says nothing about whether anything has that id. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
