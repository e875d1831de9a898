/**
 * Lists that are longer than one page of the API (200 rows).
 *
 * @module
 */

const PAGE = 200;

/** The first `limit` rows, page by page. */
export async function readPages<T>(
  read: (page: { limit: number; offset: number }) => Promise<T[]>,
  limit = Infinity,
): Promise<T[]> {
  const rows: T[] = [];
  while (rows.length < limit) {
    const asked = Math.min(PAGE, limit - rows.length);
    const page = await read({ limit: asked, offset: rows.length });
    rows.push(...page);
    if (page.length < asked) break;
  }
  return rows;
}
