/**
 * The few calls of Bun that loading and bundling need, typed as far as they are used.
 *
 * @module
 */

/** A place in a build's message. */
export interface BuildPosition {
  file: string;
  line: number;
  column: number;
  lineText?: string;
}

/** One message of a build. */
export interface BuildLog {
  level: string;
  message: string;
  position: BuildPosition | null;
}

/** What an `onResolve` hook is given. */
export interface ResolveArguments {
  path: string;
  importer: string;
  namespace?: string;
  resolveDir?: string;
}

/** What a hook may answer. */
export interface Loaded {
  contents?: string;
  exports?: object;
  loader: string;
}

/** Hooks of a plugin, of the runtime or of a build. */
export interface PluginBuilder {
  module(name: string, load: () => Loaded | Promise<Loaded>): void;
  onResolve(
    filter: { filter: RegExp; namespace?: string },
    hook: (
      args: ResolveArguments,
    ) => { path: string; namespace?: string; external?: boolean } | undefined | Promise<undefined>,
  ): void;
  onLoad(filter: { filter: RegExp; namespace?: string }, hook: (args: { path: string }) => Loaded): void;
}

/** A plugin. */
export interface Plugin {
  name: string;
  setup(builder: PluginBuilder): void | Promise<void>;
}

/** The part of `globalThis.Bun` that is used. */
export interface BunApi {
  main: string;
  plugin(plugin: Plugin): void;
  resolveSync(specifier: string, from: string): string;
  build(options: Record<string, unknown>): Promise<{
    success: boolean;
    logs: BuildLog[];
    outputs: { kind: string; path: string; text(): Promise<string> }[];
  }>;
}

/** Bun, when this is Bun. */
export const bun: BunApi | undefined = (globalThis as { Bun?: BunApi }).Bun;
