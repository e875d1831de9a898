import assert from "node:assert/strict";
import { isUuid, newId } from "../../src/support/ids.ts";
import { test } from "../testing/test.ts";

test("ids are lower-case UUIDs of version 7 that ascend", () => {
  const ids = Array.from({ length: 1000 }, newId);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, 1000);
});

test("a UUID is one with dashes, in either case", () => {
  assert.ok(isUuid("01890A5D-AC96-774B-BCCE-B302099A8057"));
  for (const text of ["", "01890a5dac96774bbcceb302099a8057", "01890a5d-ac96-774b-bcce-b302099a805", "x".repeat(36)]) {
    assert.ok(!isUuid(text));
  }
});
