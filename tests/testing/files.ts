/**
 * Temporary folders with files in them, removed at the end of the test.
 *
 * @module
 */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary folder; `using` removes it. */
export interface TestFolder extends Disposable {
  path: string;
  /** Writes a file and answers its path. */
  write(name: string, text: string): string;
}

/** Makes a temporary folder with some files. */
export function testFolder(files: Record<string, string> = {}): TestFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "flowctl-test-")));
  const write = (name: string, text: string) => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
