/**
 * The shapes of the Engine API that flowctl uses, in the API's own names; open for fields that are not listed.
 *
 * Source: the Engine API reference, 1.41 to 1.47, and answers of 20.10. What newer engines dropped is optional here
 * (`VirtualSize` since 1.44, an image's `Container` since 1.45, an event's `status`, `id` and `from` since 1.52).
 *
 * @module
 */

/** Fields of the API that are not listed. */
export interface Open {
  [field: string]: unknown;
}

/** The body of `POST /containers/create`, with the name and the platform, as dockerode takes it. */
export interface CreateContainerOptions extends Open {
  /** `[a-zA-Z0-9][a-zA-Z0-9_.-]+`; goes into the query. */
  name?: string;
  /** `os/arch`; goes into the query. */
  platform?: string;
  Image: string;
  Cmd?: string[];
  /** An empty list means: none, also if the image has one. */
  Entrypoint?: string[];
  /** `NAME=value`. */
  Env?: string[];
  Labels?: Record<string, string>;
  /** `USER`, `USER:GROUP` or numbers. */
  User?: string;
  WorkingDir?: string;
  Hostname?: string;
  Tty?: boolean;
  OpenStdin?: boolean;
  /** For example `SIGTERM`. */
  StopSignal?: string;
  /** Seconds. */
  StopTimeout?: number;
  NetworkDisabled?: boolean;
  ExposedPorts?: Record<string, Record<string, never>>;
  Volumes?: Record<string, Record<string, never>>;
  HostConfig?: HostConfig;
  /** Engines below API 1.44 take one network here; the client connects the others after the creation. */
  NetworkingConfig?: { EndpointsConfig?: Record<string, EndpointSettings> };
}

/** What a container gets of its host. */
export interface HostConfig extends Open {
  /** `SOURCE:TARGET[:OPTIONS]`; a source without `/` names a volume. */
  Binds?: string[];
  Mounts?: Mount[];
  /** `bridge`, `host`, `none`, `container:ID` or the name of a network. */
  NetworkMode?: string;
  /** Bytes. */
  Memory?: number;
  /** Bytes, memory included; -1 is no limit. */
  MemorySwap?: number;
  /** 1e9 is one CPU. */
  NanoCpus?: number;
  PidsLimit?: number;
  /** Bytes of `/dev/shm`. */
  ShmSize?: number;
  Privileged?: boolean;
  ReadonlyRootfs?: boolean;
  /** Whether a small init forwards signals and reaps, as PID 1. */
  Init?: boolean;
  /** flowctl never sets this: reading logs and exit code would race with the removal. */
  AutoRemove?: boolean;
  CapAdd?: string[];
  CapDrop?: string[];
  Devices?: { PathOnHost: string; PathInContainer?: string; CgroupPermissions?: string }[];
  DeviceRequests?: Open[];
  /** `NAME:ADDRESS`; the address may be `host-gateway`. */
  ExtraHosts?: string[];
  Dns?: string[];
  GroupAdd?: string[];
  IpcMode?: string;
  PidMode?: string;
  UTSMode?: string;
  UsernsMode?: string;
  SecurityOpt?: string[];
  Sysctls?: Record<string, string>;
  Tmpfs?: Record<string, string>;
  Ulimits?: { Name: string; Soft: number; Hard: number }[];
  LogConfig?: { Type: string; Config?: Record<string, string> };
  PortBindings?: Record<string, { HostIp?: string; HostPort?: string }[]>;
  RestartPolicy?: { Name: string; MaximumRetryCount?: number };
  Runtime?: string;
}

/** A mount of a container to be. */
export interface Mount extends Open {
  Type: "bind" | "volume" | "tmpfs" | "npipe" | "cluster" | "image";
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
}

/** A container's place in a network. */
export interface EndpointSettings extends Open {
  Aliases?: string[] | null;
  IPAMConfig?: Open | null;
  IPAddress?: string;
  Gateway?: string;
  NetworkID?: string;
}

/** The answer of `GET /containers/{id}/json`. */
export interface ContainerInspectInfo extends Open {
  Id: string;
  /** With a `/` in front. */
  Name: string;
  /** RFC 3339 with nanoseconds. */
  Created: string;
  /** The image's id. */
  Image: string;
  State: ContainerState;
  Config: {
    Image: string;
    Tty?: boolean;
    Env?: string[] | null;
    Cmd?: string[] | null;
    Entrypoint?: string[] | null;
    Labels?: Record<string, string> | null;
    User?: string;
    WorkingDir?: string;
  } & Open;
  HostConfig: HostConfig;
  Mounts?: ({ Type: string; Source: string; Destination: string; RW: boolean; Name?: string } & Open)[];
  NetworkSettings: { Networks?: Record<string, EndpointSettings> | null } & Open;
}

/** How a container is. */
export interface ContainerState extends Open {
  Status: "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead" | string;
  Running: boolean;
  Paused?: boolean;
  OOMKilled: boolean;
  Pid: number;
  /** Meaningful when it has ended; 128 + signal when a signal ended it. */
  ExitCode: number;
  /** Why the engine could not start it. */
  Error: string;
  /** `0001-01-01T00:00:00Z` when it never started. */
  StartedAt: string;
  FinishedAt: string;
}

/** One of `GET /containers/json`. */
export interface ContainerInfo extends Open {
  Id: string;
  /** Each with a `/` in front. */
  Names: string[];
  Image: string;
  ImageID: string;
  /** Unix seconds. */
  Created: number;
  State: string;
  /** For people, for example `Exited (0) 2 minutes ago`. */
  Status: string;
  Labels: Record<string, string>;
}

/** The answer of `GET /images/{name}/json`. */
export interface ImageInspectInfo extends Open {
  Id: string;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
  Created?: string;
  /** As Go names it: `amd64`, `arm64`. */
  Architecture: string;
  Variant?: string;
  /** `linux` or `windows`. */
  Os: string;
  /** Bytes. */
  Size: number;
  Config?:
    | {
      Env?: string[] | null;
      Cmd?: string[] | null;
      Entrypoint?: string[] | null;
      Labels?: Record<string, string> | null;
      User?: string;
      WorkingDir?: string;
    } & Open
    | null;
}

/** One of `GET /images/json`. */
export interface ImageInfo extends Open {
  Id: string;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
  /** Unix seconds. */
  Created: number;
  /** Bytes. */
  Size: number;
  Labels?: Record<string, string> | null;
}

/** The answer of `GET /networks/{id}`, and one of `GET /networks`. */
export interface NetworkInspectInfo extends Open {
  Id: string;
  Name: string;
  Driver: string;
  Scope: string;
  Internal?: boolean;
  Labels?: Record<string, string> | null;
  Options?: Record<string, string> | null;
  IPAM?: { Config?: { Subnet?: string; Gateway?: string }[] | null } & Open;
  Containers?: Record<string, Open> | null;
}

/** A volume. */
export interface VolumeInspectInfo extends Open {
  Name: string;
  Driver: string;
  Mountpoint: string;
  Labels?: Record<string, string> | null;
  Options?: Record<string, string> | null;
  CreatedAt?: string;
}

/** The answer of `GET /info`, as far as it is used. */
export interface EngineInfo extends Open {
  ID: string;
  Name: string;
  ServerVersion: string;
  OSType: string;
  /** As `uname -m` says: `x86_64`, `aarch64`. */
  Architecture: string;
  OperatingSystem: string;
  /** Bytes. */
  MemTotal: number;
  NCPU: number;
  LoggingDriver: string;
  /** The engine's own init; empty when it names none (Podman). */
  InitBinary?: string;
  DockerRootDir: string;
  CgroupVersion?: string;
  /** For example `name=rootless`, `name=userns`, `name=selinux`. */
  SecurityOptions?: string[] | null;
  /** The engine's clock. */
  SystemTime?: string;
  Swarm?: { LocalNodeState?: string } & Open;
}

/** The answer of `GET /version`. */
export interface EngineVersion extends Open {
  Version: string;
  ApiVersion: string;
  MinAPIVersion?: string;
  Os: string;
  Arch: string;
  /** The first one is `Engine` from Docker and `Podman Engine` from Podman. */
  Components?: { Name: string; Version: string; Details?: Record<string, string> }[] | null;
}

/** Who pulls or pushes. */
export interface AuthConfig {
  username?: string;
  password?: string;
  serveraddress?: string;
  /** Instead of a password: what a registry's login gave. */
  identitytoken?: string;
  registrytoken?: string;
}
