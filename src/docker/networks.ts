/**
 * Networks and volumes of the engine.
 *
 * @module
 */

import { type CallOptions, path, type Transport } from "./transport.ts";
import type { EndpointSettings, NetworkInspectInfo, Open, VolumeInspectInfo } from "./types.ts";

/** The body of `POST /networks/create`. */
export interface CreateNetworkOptions extends Open {
  Name: string;
  /** `bridge` by default. */
  Driver?: string;
  Internal?: boolean;
  Attachable?: boolean;
  EnableIPv6?: boolean;
  Labels?: Record<string, string>;
  Options?: Record<string, string>;
  IPAM?: Open;
}

/** The body of `POST /volumes/create`. */
export interface CreateVolumeOptions extends Open {
  /** Without it the engine makes one up. */
  Name?: string;
  /** `local` by default. */
  Driver?: string;
  DriverOpts?: Record<string, string>;
  Labels?: Record<string, string>;
}

/** A network, which may or may not exist. Made by `docker.getNetwork()` and `docker.createNetwork()`. */
export class Network {
  /** What it was asked for by: an id or a name. */
  readonly id: string;
  readonly #transport: Transport;

  constructor(transport: Transport, id: string) {
    this.id = id;
    this.#transport = transport;
  }

  /** Everything about it. @throws FlowctlError `not_found`. */
  async inspect(options: CallOptions = {}): Promise<NetworkInspectInfo> {
    return await this.#transport.json({
      ...options,
      action: `inspect network "${this.id}"`,
      path: path`/networks/${this.id}`,
    });
  }

  /** Puts a container into it. */
  async connect(
    { Container, EndpointConfig, signal }: { Container: string; EndpointConfig?: EndpointSettings } & CallOptions,
  ): Promise<void> {
    await this.#transport.done({
      action: `connect container "${Container}" to network "${this.id}"`,
      method: "POST",
      path: path`/networks/${this.id}/connect`,
      json: { Container, EndpointConfig },
      signal,
    });
  }

  /** Takes a container out of it. */
  async disconnect({ Container, Force, signal }: { Container: string; Force?: boolean } & CallOptions): Promise<void> {
    await this.#transport.done({
      action: `disconnect container "${Container}" from network "${this.id}"`,
      method: "POST",
      path: path`/networks/${this.id}/disconnect`,
      json: { Container, Force },
      signal,
    });
  }

  /** Removes it. @throws FlowctlError `forbidden` or `conflict` while containers are in it, or for one of the engine's own. */
  async remove(options: CallOptions = {}): Promise<void> {
    await this.#transport.done({
      ...options,
      action: `remove network "${this.id}"`,
      method: "DELETE",
      path: path`/networks/${this.id}`,
    });
  }
}

/** A volume, which may or may not exist. Made by `docker.getVolume()` and `docker.createVolume()`. */
export class Volume {
  readonly name: string;
  readonly #transport: Transport;

  constructor(transport: Transport, name: string) {
    this.name = name;
    this.#transport = transport;
  }

  /** Everything about it. @throws FlowctlError `not_found`. */
  async inspect(options: CallOptions = {}): Promise<VolumeInspectInfo> {
    return await this.#transport.json({
      ...options,
      action: `inspect volume "${this.name}"`,
      path: path`/volumes/${this.name}`,
    });
  }

  /** Removes it with what is in it. @throws FlowctlError `conflict` while a container, also a stopped one, uses it. */
  async remove({ force, signal }: { force?: boolean } & CallOptions = {}): Promise<void> {
    await this.#transport.done({
      action: `remove volume "${this.name}"`,
      method: "DELETE",
      path: path`/volumes/${this.name}`,
      query: { force },
      signal,
    });
  }
}
