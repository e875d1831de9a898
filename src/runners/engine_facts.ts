/**
 * What is told of an engine to people: its name, version, system and size.
 *
 * @module
 */

import type { EngineInfo } from "../docker/types.ts";
import type { AgentEngine } from "../domain/agents.ts";

/**
 * The facts that an agent registers with. Engines leave out what they do not know.
 *
 * @param address As the client reaches it; a password in it is left out.
 */
export function engineFacts(info: Partial<EngineInfo>, address: string): AgentEngine {
  const text = (value: string | undefined) => (value ?? "").slice(0, 500);
  const whole = (value: number | undefined) => Number.isSafeInteger(value) && value! > 0 ? value : undefined;
  return {
    name: text(info.Name),
    version: text(info.ServerVersion),
    os: text(info.OperatingSystem || info.OSType),
    arch: text(info.Architecture),
    address: address.replace(/(\/\/[^/@:]*):[^/@]*@/, "$1@").slice(0, 1000),
    cpus: whole(info.NCPU),
    memory: whole(info.MemTotal),
  };
}
