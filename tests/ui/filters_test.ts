import assert from "node:assert/strict";
import fc from "fast-check";
import { Filters } from "../../src/domain/filters.ts";
import {
  filterBody,
  filterHref,
  filtersOf,
  isFiltered,
  LASTS,
  NO_FILTERS,
  type RunFilters,
  STATES,
  timesOf,
  withFilters,
} from "../../src/ui/filters.ts";
import { test } from "../testing/test.ts";

const NOW = Date.parse("2026-11-21T22:33:58Z");
const ID = "00000000-0000-4000-8000-000000000001";

const words = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 3 }).map((list) => list.sort());
const ids = fc.uniqueArray(fc.uuid(), { maxLength: 3 }).map((list) => list.sort());
const moment = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }).map((d) =>
  d.toISOString()
);
const time: fc.Arbitrary<RunFilters["time"]> = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(...Object.keys(LASTS) as (keyof typeof LASTS)[]).map((last) => ({ last })),
  fc.record({ from: moment }, { noNullPrototype: true }),
  fc.record({ to: moment }, { noNullPrototype: true }),
  fc.record({ from: moment, to: moment }, { noNullPrototype: true }),
);
const filters: fc.Arbitrary<RunFilters> = fc.record({
  projects: words,
  flows: ids,
  deployments: ids,
  tags: words,
  labels: words,
  states: fc.subarray([...STATES]).map((list) => list.sort()),
  time,
  text: fc.string({ maxLength: 10 }),
}, { noNullPrototype: true });

test("an address says exactly what was chosen, whatever else it says", () => {
  fc.assert(fc.property(filters, fc.string({ maxLength: 5 }), (chosen, sort) => {
    const address = withFilters(new URLSearchParams({ sort, state: "failed", last: "7d" }).toString(), chosen);
    assert.deepEqual(filtersOf(address), chosen);
    assert.deepEqual(filtersOf(`?${address}`), chosen);
    assert.equal(new URLSearchParams(address).get("sort"), sort);
  }));
});

test("equal choices have one address", () => {
  fc.assert(fc.property(filters, (chosen) => {
    const shuffled = {
      ...chosen,
      tags: [...chosen.tags, ...chosen.tags].reverse(),
      flows: [...chosen.flows].reverse(),
    };
    assert.equal(withFilters("", shuffled), withFilters("", chosen));
    assert.equal(isFiltered(chosen), withFilters("", chosen) !== "");
  }));
  assert.equal(isFiltered(NO_FILTERS), false);
  assert.equal(filterHref("/runs", { states: ["late", "failed"] }), "/runs?state=failed&state=late");
  assert.equal(filterHref("/runs", {}), "/runs");
});

test("an address that makes no sense is read as far as it does", () => {
  fc.assert(fc.property(fc.webQueryParameters(), (search) => {
    const read = filtersOf(search);
    assert.deepEqual(filtersOf(withFilters("", read)), read);
  }));
  assert.deepEqual(
    filtersOf(`?state=FAILED&state=gone&flow=x&flow=${ID.toUpperCase()}&last=5y&from=tomorrow&tag=&to=2026-11-21`),
    { ...NO_FILTERS, states: ["failed"], flows: [ID], time: { to: "2026-11-21T00:00:00.000Z" } },
  );
  assert.deepEqual(filtersOf("?last=24h&from=2026-11-21").time, { last: "24h" });
  assert.equal(filtersOf("?last=toString").time, undefined);
});

test("what the API is asked is a filter it knows, and nothing when nothing is chosen", () => {
  fc.assert(fc.property(filters, (chosen) => {
    const body = filterBody(chosen, NOW);
    assert.ok(Filters.safeParse(body).success);
    assert.equal(Object.keys(body).length === 0, !isFiltered(chosen));
  }));
});

test("Late is a name, beside the types of states", () => {
  const asked = (states: string[]) => filterBody({ ...NO_FILTERS, states }, NOW).flow_runs?.state;
  assert.deepEqual(asked(["late"]), { name: { any_: ["Late"] } });
  assert.deepEqual(asked(["failed"]), { type: { any_: ["FAILED"] } });
  assert.deepEqual(asked(["failed", "late"]), {
    type: { any_: ["FAILED"] },
    name: { any_: ["Late"] },
    operator: "or_",
  });
});

test("each filter becomes its own question", () => {
  const chosen: RunFilters = {
    projects: ["p"],
    flows: [ID],
    deployments: [ID],
    tags: ["a"],
    labels: ["l"],
    states: [],
    time: { last: "1h" },
    text: "heavy",
  };
  assert.deepEqual(filterBody(chosen, NOW), {
    flows: { id: { any_: [ID] }, project: { any_: ["p"] } },
    deployments: { id: { any_: [ID] } },
    flow_runs: {
      name: { like_: "heavy" },
      tags: { all_: ["a"] },
      labels: { all_: ["l"] },
      expected_start_time: { after_: "2026-11-21T21:33:58.000Z", before_: "2026-11-21T22:34:58.000Z" },
    },
  });
  assert.deepEqual(timesOf({ ...chosen, time: { from: "2026-11-21T00:00:00.000Z" } }, NOW), {
    from: Date.parse("2026-11-21T00:00:00Z"),
  });
});
