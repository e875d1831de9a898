/**
 * Settings: what the environment says, else the profile in use, else defaults; checked once and late.
 *
 * {@link SETTINGS} is the one table of them; the documentation and `config view` list it. Options of commands go before them all.
 *
 * @module
 */

import process from "node:process";
import { z } from "zod";
import { FlowctlError } from "../support/errors.ts";
import { CONSOLE_LEVELS } from "../support/log.ts";
import { type Environment, flowctlHome } from "../support/paths.ts";
import { type Backend, BACKENDS, LOOPBACK_URL } from "./backends.ts";
import { activeProfile, type ProfileValues } from "./profiles.ts";

/** One setting. */
export interface SettingSpec {
  /** Its environment variable. */
  name: string;
  /** Older names that count when the first is not set. */
  older?: string[];
  /** The default, as a text for people. */
  default: string;
  /** What it does, as a sentence. */
  about: string;
  /** Never shown. */
  secret?: boolean;
  /** Only the environment can say it: it is about one process, or needed to find the profile. */
  environmentOnly?: boolean;
}

/** All settings by their key in {@link Settings}. */
export const SETTINGS = {
  home: {
    name: "FLOWCTL_HOME",
    default: "~/.flowctl",
    about: "The folder that holds the database, locks and sockets.",
    environmentOnly: true,
  },
  profile: {
    name: "FLOWCTL_PROFILE",
    default: "the active one",
    about: "The profile whose values count where the environment says nothing.",
    environmentOnly: true,
  },
  backend: {
    name: "FLOWCTL_BACKEND",
    default: "ephemeral; cloud once the profile has an address",
    about:
      "Which API commands speak to where the environment names none: server (this home's, else the one on port 4200), cloud (the profile's address and key) or ephemeral (this home's server when one runs, else an API in the command's own process).",
  },
  apiUrl: {
    name: "FLOWCTL_API_URL",
    older: ["FLOWCTL_ORION_HOST"],
    default: "the server of this home, else an API in this process",
    about: "The API to use, for example http://127.0.0.1:4200/api; unix:///path/api.sock reaches one through a socket.",
  },
  apiKey: {
    name: "FLOWCTL_API_KEY",
    default: "none",
    about: "Sent to the API as a bearer token.",
    secret: true,
  },
  leaseTokenFile: {
    name: "FLOWCTL_LEASE_TOKEN_FILE",
    default: "none",
    about:
      "A file with the token of the attempt that speaks to the API; agents set it where the API is reached by URL.",
    environmentOnly: true,
  },
  apiWay: {
    name: "FLOWCTL_API_WAY",
    default: "found out from the engine",
    about: "How containers of an agent reach the API: socket (mounted from this machine) or url.",
  },
  containerApiUrl: {
    name: "FLOWCTL_CONTAINER_API_URL",
    default: "the agent's API, with host.docker.internal for this machine",
    about: "The API's address for containers, where they reach it by URL.",
  },
  logLevel: {
    name: "FLOWCTL_LOG_LEVEL",
    default: "INFO",
    about: "The least level of lines on the console: DEBUG, INFO, WARNING, ERROR or CRITICAL.",
  },
  allowedHosts: {
    name: "FLOWCTL_ALLOWED_HOSTS",
    default: "none besides localhost, 127.0.0.1 and [::1]",
    about: "More host names that the server answers to, separated by commas.",
  },
  authLoopback: {
    name: "FLOWCTL_AUTH_LOOPBACK",
    default: "trust",
    about:
      "Whether the server trusts requests from loopback that bear no token: trust, or require for a token from everybody.",
  },
  stopGraceSeconds: {
    name: "FLOWCTL_STOP_GRACE_SECONDS",
    default: "10",
    about: "How long a stopping server waits for the requests that are running.",
  },
  serverNetwork: {
    name: "FLOWCTL_SERVER_NETWORK",
    default: "flowctl-server",
    about: "The bridge network that flowctl server start makes in the engine, for agents started with --network.",
  },
  keepContainersHours: {
    name: "FLOWCTL_KEEP_CONTAINERS_HOURS",
    default: "24",
    about: "How long an agent keeps finished containers, for docker logs.",
  },
  keepContainers: {
    name: "FLOWCTL_KEEP_CONTAINERS",
    default: "100",
    about: "How many finished containers an agent keeps at most.",
  },
} as const satisfies Record<string, SettingSpec>;

const ApiUrl = z.string().transform((text, context) => {
  const fail = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  const given = text.trim();
  if (/^unix:/i.test(given)) {
    const path = given.replace(/^unix:(\/\/)?/i, "");
    return path.startsWith("/") ? `unix://${path}` : fail("a socket is written as unix:///path/to/api.sock");
  }
  if (!URL.canParse(given)) return fail(`it is no address, an example is ${LOOPBACK_URL}`);
  const url = new URL(given);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return fail("it must start with http://, https:// or unix://");
  }
  if (url.search !== "" || url.hash !== "") return fail("it must not contain ? or #");
  // The address of the server alone is understood as well: its API is under /api.
  const path = url.pathname.replace(/\/+$/, "") || "/api";
  return `${url.origin}${path}`;
});

const seconds = (least: number, most: number) => numberOf("seconds", least, most);

const numberOf = (what: string, least: number, most: number) =>
  z.string().transform((text, context) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    context.addIssue({ code: "custom", message: `it must be a number of ${what} between ${least} and ${most}` });
    return z.NEVER;
  });

const SHAPES = {
  backend: z.enum(BACKENDS, { error: `it must be one of ${BACKENDS.join(", ")}` }).optional(),
  apiUrl: ApiUrl.optional(),
  apiKey: z.string().regex(/^[\x21-\x7e]+$/, "it must be printable ASCII without spaces").optional(),
  leaseTokenFile: z.string().optional(),
  apiWay: z.enum(["socket", "url"], { error: "it must be socket or url" }).optional(),
  containerApiUrl: ApiUrl.optional(),
  logLevel: z.string().transform((text) => text.trim().toUpperCase())
    .pipe(z.enum(CONSOLE_LEVELS, { error: `it must be one of ${CONSOLE_LEVELS.join(", ")}` })).default("INFO"),
  allowedHosts: z.string().transform((text) => text.split(",").map((host) => host.trim().toLowerCase()).filter(Boolean))
    .default([]),
  authLoopback: z.string().transform((text) => text.trim().toLowerCase())
    .pipe(z.enum(["trust", "require"], { error: "it must be trust or require" })).default("trust"),
  stopGraceSeconds: seconds(0, 600).default(10),
  serverNetwork: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "it must be made of letters, digits, _ . and -")
    .default("flowctl-server"),
  keepContainersHours: numberOf("hours", 0, 87_600).default(24),
  keepContainers: numberOf("containers", 0, 100_000).transform(Math.floor).default(100),
};

/** See {@link readSettings}. */
export interface Settings {
  /** Absolute; it may not exist yet. */
  home: string;
  /** Undefined when nobody said, which means `ephemeral`. */
  backend?: Backend;
  /**
   * Without trailing slash; `unix://<path>` for a socket. The environment's, or the profile's when the backend is `cloud`; undefined
   * when neither counts.
   */
  apiUrl?: string;
  /** A secret. The profile's goes to the profile's address only. */
  apiKey?: string;
  leaseTokenFile?: string;
  apiWay?: "socket" | "url";
  /** As {@link Settings.apiUrl}. */
  containerApiUrl?: string;
  logLevel: typeof CONSOLE_LEVELS[number];
  /** Lower case, without port. */
  allowedHosts: string[];
  authLoopback: "trust" | "require";
  stopGraceSeconds: number;
  serverNetwork: string;
  /** How long finished containers are kept. */
  keepContainersHours: number;
  /** How many finished containers are kept at most. */
  keepContainers: number;
}

/** Where the text of a setting was found. */
export type SettingSource = "environment" | "profile";

/** The text of a setting and the variable it stands in; an empty variable counts as not set. */
function given(spec: SettingSpec, texts: Environment): { name: string; text: string } | undefined {
  for (const name of [spec.name, ...spec.older ?? []]) {
    const text = texts[name];
    if (text !== undefined && text.trim() !== "") return { name, text };
  }
  return undefined;
}

/** The text of a setting as it counts: the environment's, else the profile's. */
export function findSetting(
  spec: SettingSpec,
  env: Environment,
  profile: ProfileValues,
): { name: string; text: string; source: SettingSource } | undefined {
  const said = given(spec, env);
  if (said !== undefined) return { ...said, source: "environment" };
  const kept = spec.environmentOnly ? undefined : given(spec, profile);
  return kept && { ...kept, source: "profile" };
}

type Shapes = typeof SHAPES;

/** @throws {FlowctlError} `invalid`, one sentence that names the variable. */
function parse<K extends keyof Shapes>(key: K, found: { name: string; text: string } | undefined): z.output<Shapes[K]> {
  const result = SHAPES[key].safeParse(found?.text);
  if (result.success) return result.data as z.output<Shapes[K]>;
  const shown = (SETTINGS[key] as SettingSpec).secret ? "" : ` "${found?.text}"`;
  throw new FlowctlError("invalid", `Cannot use ${found?.name}${shown}: ${result.error.issues[0].message}`);
}

/**
 * Checks the text of a setting, for who wants to keep it.
 *
 * @param name Of the variable, also an older one.
 * @returns The name that counts now.
 * @throws {FlowctlError} `not_found` for a name that is no setting's, `invalid` for a wrong value or one that no profile can hold.
 */
export function checkSetting(name: string, text?: string): string {
  const found = Object.entries<SettingSpec>(SETTINGS)
    .find(([, spec]) => spec.name === name || spec.older?.includes(name));
  if (found === undefined) {
    throw new FlowctlError("not_found", `Cannot set "${name}": no setting has that name`, {
      hint: "List them with: flowctl config view",
    });
  }
  const [key, spec] = found;
  if (spec.environmentOnly) {
    throw new FlowctlError("invalid", `Cannot keep ${name} in a profile: only the environment can say it`);
  }
  if (text !== undefined && key in SHAPES) parse(key as keyof Shapes, { name, text });
  return spec.name;
}

/**
 * Reads the settings.
 *
 * @param profile What counts where the environment says nothing; by default the profile in use of the environment's home.
 * @throws {FlowctlError} `invalid`, one sentence that names the variable; and as `activeProfile`.
 *
 * @example
 * ```ts
 * import { readSettings } from "./settings.ts";
 *
 * const settings = readSettings({ FLOWCTL_HOME: "/srv/flows", FLOWCTL_ORION_HOST: "http://127.0.0.1:4200/api/" });
 * console.assert(settings.home === "/srv/flows");
 * console.assert(settings.apiUrl === "http://127.0.0.1:4200/api");
 * ```
 */
export function readSettings(
  env: Environment = process.env,
  profile: ProfileValues = activeProfile(env).values,
): Settings {
  const read = <K extends keyof Shapes>(key: K) => parse(key, findSetting(SETTINGS[key], env, profile));
  const api = readApi(env, profile);
  const leaseTokenFile = read("leaseTokenFile");
  const apiWay = read("apiWay");
  const containerApiUrl = read("containerApiUrl");
  return {
    home: flowctlHome(env),
    ...api,
    ...leaseTokenFile === undefined ? {} : { leaseTokenFile },
    ...apiWay === undefined ? {} : { apiWay },
    ...containerApiUrl === undefined ? {} : { containerApiUrl },
    logLevel: read("logLevel"),
    allowedHosts: read("allowedHosts"),
    authLoopback: read("authLoopback"),
    stopGraceSeconds: read("stopGraceSeconds"),
    serverNetwork: read("serverNetwork"),
    keepContainersHours: read("keepContainersHours"),
    keepContainers: read("keepContainers"),
  };
}

/** Which API: an address of the environment goes before any backend; the profile's key is never sent to another address than its own. */
function readApi(env: Environment, profile: ProfileValues): Pick<Settings, "backend" | "apiUrl" | "apiKey"> {
  const own = parse("apiUrl", given(SETTINGS.apiUrl, profile));
  const said = parse("apiUrl", given(SETTINGS.apiUrl, env));
  const backend = parse("backend", findSetting(SETTINGS.backend, env, profile)) ??
    (own === undefined ? undefined : "cloud");
  const apiUrl = said ?? (backend === "cloud" ? own : undefined);
  const mayHaveKey = apiUrl !== undefined && apiUrl === own;
  const apiKey = parse("apiKey", findSetting(SETTINGS.apiKey, env, mayHaveKey ? profile : {}));
  return {
    ...backend === undefined ? {} : { backend },
    ...apiUrl === undefined ? {} : { apiUrl },
    ...apiKey === undefined ? {} : { apiKey },
  };
}
