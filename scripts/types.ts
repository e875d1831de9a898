/**
 * `deno task types`: writes the declarations of `"flowctl"` as one text, which the binary holds and `flowctl init` writes for editors.
 *
 * Declarations of the SDK are bundled, and what is inferred from a schema is spelled out, so that the text needs no library.
 * `--check` only says whether the text in the tree is that of the sources.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { rollup } from "rollup";
import dts from "rollup-plugin-dts";
import ts from "typescript";
import { ROOT } from "./lib/project.ts";

/** Where the text lies in the tree. */
export const TYPES_FILE: string = join(ROOT, "src/sdk/flowctl.d.ts.txt");

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  noEmit: false,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
  types: ["node"],
  typeRoots: [join(ROOT, "node_modules/@types")],
};

/** The declarations of one public module as text without imports. */
export async function declarationsOf(entry: string): Promise<string> {
  const bundle = await rollup({
    input: join(ROOT, entry),
    // The other public module, whose classes must be the same.
    external: (id) => id === "zod" || (/\bmod\.ts$/.test(id) && !id.endsWith(entry)),
    plugins: [dts({ respectExternal: true, compilerOptions: OPTIONS })],
    onwarn: (warning) => {
      if (warning.code !== "UNRESOLVED_IMPORT" && warning.code !== "EMPTY_BUNDLE") throw new Error(warning.message);
    },
  });
  const { output } = await bundle.generate({ format: "es" });
  await bundle.close();
  return withoutSchemas(output[0].code);
}

/** Spells out every type that is inferred from a schema, and drops the schemas. */
function withoutSchemas(text: string): string {
  const path = join(ROOT, "src/mod/__bundled.d.ts");
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...rest) =>
    name === path
      ? ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true)
      : getSourceFile.call(host, name, ...rest);
  host.fileExists = (name) => name === path || fileExists.call(host, name);
  host.readFile = (name) => name === path ? text : readFile.call(host, name);
  const program = ts.createProgram([path], { ...OPTIONS, noLib: false }, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path)!;

  const edits: { from: number; to: number; text: string }[] = [];
  for (const statement of source.statements) {
    const usesZod = /\bz\.[A-Za-z]/.test(statement.getText());
    if (ts.isImportDeclaration(statement)) {
      edits.push({ from: statement.getFullStart(), to: statement.end, text: "" });
    } else if (ts.isVariableStatement(statement) && usesZod) {
      edits.push({ from: statement.getFullStart(), to: statement.end, text: "" });
    } else if (ts.isTypeAliasDeclaration(statement) && usesZod) {
      const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias |
        ts.TypeFormatFlags.MultilineObjectLiterals;
      const spelled = checker.typeToString(checker.getTypeAtLocation(statement.name), statement, flags);
      edits.push({
        from: statement.type.getStart(),
        to: statement.type.end,
        text: spelled.replace(/;\s+/g, ";\n  ").replace(/\{\s+/g, "{\n  "),
      });
    }
  }
  let result = text;
  for (const { from, to, text: by } of edits.reverse()) result = result.slice(0, from) + by + result.slice(to);
  if (/\bz\./.test(result.replace(/\/\*[\s\S]*?\*\//g, ""))) throw new Error("A public type still names a schema");
  return result.trim() + "\n";
}

/** The whole text: a module declaration for each public module. */
export async function typesText(): Promise<string> {
  const modules: string[] = [];
  for (const [name, entry] of [["flowctl", "src/mod/mod.ts"], ["flowctl/storage", "src/mod/storage.ts"]]) {
    if (!existsSync(join(ROOT, entry))) continue;
    const text = (await declarationsOf(entry)).replace(/^declare /gm, "")
      .replace(/from '\.\/mod\.ts'/g, 'from "flowctl"');
    modules.push(`declare module "${name}" {\n${text}}\n`);
  }
  // Files that run as the main module ask for it; plain TypeScript does not know it.
  return `interface ImportMeta {\n  /** Whether this file is the program. */\n  readonly main: boolean;\n}\n\n${
    modules.join("\n")
  }`;
}

if (import.meta.main) {
  const text = await typesText();
  if (!process.argv.includes("--check")) {
    writeFileSync(TYPES_FILE, text);
    console.log(`${TYPES_FILE}: ${text.length} characters`);
  } else if (!existsSync(TYPES_FILE) || readFileSync(TYPES_FILE, "utf8") !== text) {
    console.error(
      `The declarations in "${TYPES_FILE}" are not those of the sources: write them with "deno task types"`,
    );
    process.exitCode = 1;
  }
}
