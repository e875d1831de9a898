/**
 * A tiny executable for Linux, as its headers tell it.
 *
 * @module
 */

/** An executable for amd64 with a loader's path, one needed library and a run path. */
export function elf({ interpreter = "/lib64/ld-linux-x86-64.so.2" } = {}): Uint8Array {
  const bytes = new Uint8Array(1024);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(18, 0x3e, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 3, true);
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  const header = (n: number, type: number, offset: number, address: number, size: number) => {
    view.setUint32(64 + n * 56, type, true);
    [[8, offset], [16, address], [32, size]].forEach(([at, value]) =>
      view.setBigUint64(64 + n * 56 + at, BigInt(value), true)
    );
  };
  header(0, 3, 300, 300, interpreter.length + 1);
  text(300, interpreter);
  header(1, 1, 400, 0x4000, 200);
  header(2, 2, 600, 0, 64);
  [[5, 0x4000], [1, 1], [29, 11], [0, 0]].forEach(([tag, value], n) => {
    view.setBigUint64(600 + n * 16, BigInt(tag), true);
    view.setBigUint64(608 + n * 16, BigInt(value), true);
  });
  text(401, "libx.so.1");
  text(411, "$ORIGIN/lib:/opt");
  return bytes;
}
