/**
 * Runs: a list that may hold a million, kept true, with what can be done to many at once.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { BulkRuns, type Selected } from "../components/bulk_runs.tsx";
import { Button, Select } from "../components/controls.tsx";
import { FilterBar, useFilters } from "../components/filter_bar.tsx";
import { Empty, Failure, Page } from "../components/layout.tsx";
import { RunFacets } from "../components/run_facets.tsx";
import { RunRows } from "../components/run_rows.tsx";
import { filterBody, isFiltered, NO_FILTERS } from "../filters.ts";
import { count, plural } from "../format.ts";
import { MOST_ROWS, useRunList } from "../live/use_run_list.ts";
import { selected, showsUpcoming, sortOf, SORTS } from "../run_list.ts";

/** The next page is asked for when so few rows are left below the screen. */
const LOAD_AHEAD = 60;
const NOTHING: ReadonlySet<string> = new Set();

/** See the module's comment. */
export default function FlowRuns() {
  const { path, route, wasPush } = useLocation() as ReturnType<typeof useLocation> & { wasPush?: boolean };
  const { filters, search, setFilters } = useFilters();
  const sort = sortOf(search);
  const upcoming = showsUpcoming(search, filters);
  const question = () => ({ ...filterBody(filters, Date.now()), sort, upcoming });
  const list = useRunList(search, question);
  const { rows, next } = list;

  const [selection, setSelection] = useState(NOTHING);
  const [isAll, setAll] = useState(false);
  const anchor = useRef<string>(undefined);
  const clear = () => {
    setSelection(NOTHING);
    setAll(false);
  };
  // What is selected in one list is not seen in another.
  useEffect(clear, [search]);
  const shown = useRef(rows);
  shown.current = rows;
  const select = useCallback((id: string, withShift: boolean) => {
    setAll(false);
    setSelection((last) => selected(last, shown.current, id, withShift ? anchor.current : undefined));
    anchor.current = id;
  }, []);

  const lastSeen = useRef(0);
  const ahead = () => {
    if (list.error === undefined && lastSeen.current > shown.current.length - LOAD_AHEAD) list.more();
  };
  const see = (first: number, end: number) => {
    list.see(first, end);
    lastSeen.current = end;
    ahead();
  };
  // Also when a page had too few rows: what matches may be rare.
  useEffect(ahead);
  // Who comes back finds the place again.
  const { leave, scrolled } = list;
  useLayoutEffect(() => {
    if (wasPush === false && scrolled > 0) scrollTo(0, scrolled);
    const note = () => leave(scrollY);
    addEventListener("scroll", note, { passive: true });
    return () => removeEventListener("scroll", note);
  }, [search]);

  const change = (name: string, value: string | undefined) => {
    const query = new URLSearchParams(search);
    if (value === undefined) query.delete(name);
    else query.set(name, value);
    route(query.size === 0 ? path : `${path}?${query}`);
  };
  const toTop = () => {
    list.showFresh();
    scrollTo({ top: 0 });
  };
  const [about, setAbout] = useState("");
  const chosen: Selected = isAll ? { matching: () => ({ ...question() }), about } : { ids: selection };
  const size = isAll ? 1 : selection.size;

  return (
    <Page title="Runs">
      <FilterBar filters={filters} onChange={setFilters} />
      <div class="runs-above">
        <RunFacets
          filters={filters}
          onChange={setFilters}
          name={search}
          query={() => filterBody(filters, Date.now())}
          onCount={setAbout}
        />
        <div class="actions">
          {upcoming ? null : <Button kind="quiet" onClick={() => change("upcoming", "1")}>Show upcoming runs</Button>}
          {new URLSearchParams(search).has("upcoming")
            ? <Button kind="quiet" onClick={() => change("upcoming", undefined)}>Hide upcoming runs</Button>
            : null}
          <Select
            aria-label="Order"
            value={sort}
            options={SORTS}
            onChange={(value) => change("sort", value === SORTS[0][0] ? undefined : value)}
          />
        </div>
      </div>
      {list.error === undefined ? null : <Failure error={list.error} retry={list.reload} />}
      {size === 0 ? null : (
        <BulkRuns
          selected={chosen}
          rows={rows}
          isMore={next !== null}
          about={about}
          onAll={() => setAll(true)}
          onClear={clear}
          onDone={(action) => {
            clear();
            if (action === "delete") list.reload();
          }}
        />
      )}
      {list.fresh === 0 ? null : (
        <div class="runs-fresh" role="status">
          <Button kind="primary" onClick={toTop}>
            {list.freshMore ? `${count(list.fresh)}+ new runs` : `${plural(list.fresh, "new run")}`}
          </Button>
        </div>
      )}
      {rows.length === 0 ? null : (
        <RunRows
          rows={rows}
          states={filters.states}
          selection={isAll ? new Set(rows.map(({ id }) => id)) : selection}
          onSelect={select}
          onSelectAll={(on) => {
            setAll(false);
            setSelection(on ? new Set(rows.map(({ id }) => id)) : NOTHING);
          }}
          onSee={see}
          isWhole={next === null}
        />
      )}
      <End list={list} isFiltered={isFiltered(filters)} onClear={() => setFilters(NO_FILTERS)} upcoming={upcoming} />
    </Page>
  );
}

/** What stands below the rows: that there are more, or none, and what to do then. */
function End({ list, isFiltered, onClear, upcoming }: {
  list: ReturnType<typeof useRunList>;
  isFiltered: boolean;
  onClear: () => void;
  upcoming: boolean;
}) {
  const { rows, next, begun, error } = list;
  if (error !== undefined) return null;
  if (!begun) return <p class="loading" role="status">Loading…</p>;
  if (next !== null && rows.length >= MOST_ROWS) {
    return (
      <p class="runs-end">
        These are {count(MOST_ROWS)} runs. Filter by an earlier time to see those before them.
      </p>
    );
  }
  if (next !== null) return <p class="runs-end" role="status">{rows.length === 0 ? "Searching…" : "Loading more…"}</p>;
  if (rows.length > 0) return <p class="runs-end">{plural(rows.length, "run")}, no more.</p>;
  if (isFiltered) {
    return (
      <Empty title="No run matches these filters.">
        <p>
          <Button onClick={onClear}>Clear filters</Button>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No runs yet." command="flowctl deployment run my-flow/example">
      <p>{upcoming ? "Run a deployment:" : "Upcoming runs are not shown. Run a deployment now:"}</p>
    </Empty>
  );
}
