/**
 * The parts that pages are laid out of: the page itself, cards, tabs, tables, and what is shown instead of data.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Live } from "../live/use_live.ts";
import { Button, Copy } from "./controls.tsx";

/** A page's head and body; its title is the document's. @param above What the page belongs to, e.g. links to its flow. */
export function Page({ title, heading, above, actions, children }: {
  title: string;
  /** Shown instead of the title. */
  heading?: ComponentChildren;
  above?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  useEffect(() => void (document.title = `${title} · flowctl`), [title]);
  return (
    <main class="page" id="main" tabIndex={-1}>
      <header class="page-head">
        <div>
          {above === undefined ? null : <p class="page-above">{above}</p>}
          <h1>{heading ?? title}</h1>
        </div>
        {actions === undefined ? null : <div class="actions">{actions}</div>}
      </header>
      {children}
    </main>
  );
}

/** A titled part of a page. */
export const Card = ({ title, actions, wide, children }: {
  title?: ComponentChildren;
  actions?: ComponentChildren;
  /** Over the whole width of a {@link Grid}. */
  wide?: boolean;
  children: ComponentChildren;
}) => (
  <section class={wide ? "card card-wide" : "card"}>
    {title === undefined ? null : (
      <header class="card-head">
        <h2>{title}</h2>
        {actions === undefined ? null : <div class="actions">{actions}</div>}
      </header>
    )}
    {children}
  </section>
);

/** Cards beside each other, as many as fit. */
export const Grid = ({ children }: { children: ComponentChildren }) => <div class="grid">{children}</div>;

/** Links to the parts of a page; the chosen one is in the address as `?tab=`. @param tabs The first is shown when none is chosen. */
export const Tabs = ({ tabs, chosen, href }: {
  tabs: readonly { id: string; label: string; count?: number }[];
  chosen: string;
  /** The page's address without query. */
  href: string;
}) => (
  <nav class="tabs" aria-label="Parts of this page">
    {tabs.map(({ id, label, count }, i) => (
      <a key={id} href={i === 0 ? href : `${href}?tab=${id}`} aria-current={id === chosen ? "page" : undefined}>
        {label}
        {count === undefined ? null : <span class="count">{count}</span>}
      </a>
    ))}
  </nav>
);

/** One column of a {@link Table}. */
export interface Column<T> {
  title: string;
  /** Shown when the window is narrow, too; others are left out there. */
  main?: boolean;
  /** Numbers stand at the right. */
  right?: boolean;
  cell: (row: T) => ComponentChildren;
}

/** Rows and columns. @param empty Shown when there are no rows. */
export function Table<T>({ label, columns, rows, rowKey, empty }: {
  /** What the table holds, for screen readers. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  empty?: ComponentChildren;
}) {
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  const look = ({ main, right }: Column<T>) =>
    [main ? "" : "aside", right ? "right" : ""].filter(Boolean).join(" ") || undefined;
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => <th key={column.title} scope="col" class={look(column)}>{column.title}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => <td key={column.title} class={look(column)}>{column.cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Says that there is nothing, and what to type so that there is something. */
export const Empty = ({ title, command, children }: {
  title: string;
  command?: string;
  children?: ComponentChildren;
}) => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children}
    {command === undefined ? null : <Copy text={command} />}
  </div>
);

/** Says what failed, and what to do. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const hint = (error as Error & { hint?: string }).hint;
  return (
    <div class="failure" role="alert">
      <p>{error.message}</p>
      {hint === undefined ? null : <p class="quiet">{hint}</p>}
      {retry === undefined ? null : <Button onClick={retry} icon="again">Try again</Button>}
    </div>
  );
}

/** What is known of something: data, or that it is on its way, or why it did not come. */
export function Shown<T>({ live, children }: { live: Live<T>; children: (data: T) => ComponentChildren }) {
  if (live.data !== undefined) return <>{children(live.data)}</>;
  if (live.error !== undefined) return <Failure error={live.error} retry={live.refresh} />;
  return <p class="loading" role="status">Loading…</p>;
}
