/**
 * Pages and orders of lists.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { NameSort } from "../domain/filters.ts";
import { PAGE_LIMIT } from "../domain/common.ts";
import { FlowctlError } from "../support/errors.ts";

/**
 * The number of rows of a page; {@link PAGE_LIMIT} when unsaid.
 *
 * @throws {FlowctlError} `invalid` in Prefect's words when it is out of range.
 */
export function limitOf({ limit }: { limit?: number | undefined }): number {
  if (limit === undefined) return PAGE_LIMIT;
  if (limit > PAGE_LIMIT) {
    throw new FlowctlError("invalid", `Invalid limit: must be less than or equal to ${PAGE_LIMIT}.`);
  }
  if (limit < 0) throw new FlowctlError("invalid", "Invalid limit: must be greater than or equal to 0.");
  return limit;
}

const NAME_ORDERS: Record<NameSort, [column: string, direction: "ASC" | "DESC"]> = {
  CREATED_DESC: ["created", "DESC"],
  UPDATED_DESC: ["updated", "DESC"],
  NAME_ASC: ["name", "ASC"],
  NAME_DESC: ["name", "DESC"],
};

/** The order of flows and deployments; the id decides between equals, so that pages do not overlap. */
export function nameOrder(table: string, sort: NameSort = "NAME_ASC"): RawBuilder<unknown> {
  const [column, direction] = NAME_ORDERS[sort];
  const way = sql.raw(direction);
  return sql`${sql.ref(`${table}.${column}`)} ${way}, ${sql.ref(`${table}.id`)} ${way}`;
}
