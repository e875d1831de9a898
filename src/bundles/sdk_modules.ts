/**
 * What `"flowctl"` means in a user's file: the SDK that this very program has loaded.
 *
 * A second copy would have its own registry and its own context, and the program would see no flow. In Bun the modules are
 * registered as virtual ones; in Deno the import map of `deno.json` holds for files anywhere on disk.
 *
 * @module
 */

import { bun } from "./bun.ts";
import { npmPackage } from "./specifiers.ts";
import { dirname } from "node:path";

/** The specifiers that the program itself answers. */
export const SDK_NAMES = ["flowctl", "flowctl/storage"] as const;
/** See {@link SDK_NAMES}. */
export type SdkName = typeof SDK_NAMES[number];

/** Where the modules come from; called when a user's file first asks. */
export type SdkModules = Partial<Record<SdkName, () => object | Promise<object>>>;

let registered: SdkModules | undefined;

/**
 * Registers the SDK. Called once by `main.ts`, before anything is loaded; a second call changes nothing.
 *
 * @example
 * ```ts
 * import { registerSdk } from "./sdk_modules.ts";
 *
 * registerSdk({ flowctl: () => import("../mod/mod.ts") });
 * ```
 */
export function registerSdk(modules: SdkModules): void {
  if (registered !== undefined) return;
  registered = modules;
  bun?.plugin({
    name: "flowctl",
    setup(builder) {
      for (const name of SDK_NAMES) {
        const load = modules[name];
        if (load === undefined) continue;
        builder.module(name, async () => ({ exports: await load(), loader: "object" }));
      }
      // `import "npm:x@1"`, as under Deno: the package beside the file.
      builder.onResolve({ filter: /./, namespace: "npm" }, (args) => ({
        path: bun!.resolveSync(npmPackage(args.path), dirname(args.importer)),
      }));
    },
  });
}

/** The names that a module of the SDK exports; for messages about missing ones. Empty when it is not registered. */
export async function sdkExports(name: string): Promise<string[]> {
  const load = registered?.[name as SdkName];
  return load === undefined ? [] : Object.keys(await load());
}
