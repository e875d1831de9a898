import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import fc from "fast-check";
import {
  isAnyHost,
  isLoopbackAddress,
  isLoopbackHost,
  isOwnAddress,
  neighbourOf,
} from "../../src/support/addresses.ts";
import { test } from "../testing/test.ts";

test("loopback is 127.0.0.0/8 and ::1, also as a dual-stack listener writes it, and no name", () => {
  for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::FFFF:127.0.0.1", "::1%lo"]) {
    assert.ok(isLoopbackAddress(address), address);
  }
  for (
    const address of [
      "128.0.0.1",
      "10.0.0.127",
      "::2",
      "::ffff:10.0.0.1",
      "localhost",
      "127.0.0.1.example",
      "127.1",
      "",
    ]
  ) {
    assert.ok(!isLoopbackAddress(address), address);
  }
});

test("no IPv4 address outside of 127.0.0.0/8 is loopback", () => {
  fc.assert(fc.property(fc.ipV4(), (address) => isLoopbackAddress(address) === address.startsWith("127.")));
});

test("a host is this machine by its address, in brackets too, or as localhost", () => {
  for (const host of ["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "::1"]) assert.ok(isLoopbackHost(host), host);
  for (const host of ["localhost.example", "0.0.0.0", "[::]", "flow.example", ""]) {
    assert.ok(!isLoopbackHost(host), host);
  }
  assert.deepEqual(["0.0.0.0", "::", "[::]", "127.0.0.1", ""].map(isAnyHost), [true, true, true, false, false]);
});

test("the addresses of this machine's interfaces are its own, others are not", () => {
  for (const { address } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
    assert.ok(isOwnAddress(address), address);
  }
  assert.ok(!isOwnAddress("192.0.2.123"));
});

test("neighbours are IPv4 addresses and IPv6 networks of 64 bits", () => {
  assert.equal(neighbourOf("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(neighbourOf("2001:DB8:0:1::5"), "2001:db8:0:1::/64");
  assert.equal(neighbourOf("2001:db8::1:0:0:0:5"), neighbourOf("2001:db8:0:1::7"));
  assert.notEqual(neighbourOf("2001:db8:0:1::5"), neighbourOf("2001:db8:0:2::5"));
  assert.equal(neighbourOf("::1"), "0:0:0:0::/64");
});

test("an IPv6 address's neighbourhood is its first four groups, however the address is shortened", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  const groups = fc.array(group, { minLength: 8, maxLength: 8 }).filter((all) =>
    all.slice(0, 6).some((one) => one > 0)
  );
  fc.assert(fc.property(groups, (all) => {
    const texts = all.map((one) => one.toString(16));
    const expected = `${texts.slice(0, 4).join(":")}::/64`;
    assert.equal(neighbourOf(texts.join(":")), expected);
    for (let from = 0; from < 8; from++) {
      for (let to = from + 1; to <= 8 && all[to - 1] === 0; to++) {
        const short = `${texts.slice(0, from).join(":")}::${texts.slice(to).join(":")}`;
        assert.equal(neighbourOf(short), expected, short);
      }
    }
  }));
});
