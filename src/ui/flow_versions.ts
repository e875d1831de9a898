/**
 * A flow's versions on its page: which is looked at, what they are called, where they differ. Pure.
 *
 * @module
 */

import type { VersionRow } from "../domain/flow_views.ts";

/** As the name of the deployment that registering makes. */
export const REGISTERED = "registered";

/** E.g. `2 (latest)`; with its deployment's name unless that is what registering makes. */
export function versionName({ number, is_latest, deployment_name }: VersionRow): string {
  const of = deployment_name === REGISTERED ? "" : ` of ${deployment_name}`;
  return `${number}${of}${is_latest ? " (latest)" : ""}`;
}

/** What can be chosen: all, or one. */
export const versionChoices = (versions: readonly VersionRow[]): (readonly [id: string, label: string])[] => [
  ["", "All versions"],
  ...versions.map((version) => [version.id, `Version ${versionName(version)}`] as const),
];

/** That of the address; undefined when it names none, or one that is gone. */
export const chosenVersion = (versions: readonly VersionRow[], id: string | undefined): VersionRow | undefined =>
  versions.find((version) => version.id === id);

/** The one whose facts are shown: the chosen one, else the latest of the registration, else of any deployment. */
export const shownVersion = (versions: readonly VersionRow[], chosen: VersionRow | undefined): VersionRow | undefined =>
  chosen ?? versions.find(({ is_latest }) => is_latest) ?? versions[0];

/** The image's whole name: `gcr.io/dev/docker-1-flow:2021-11-18t22-30-09`. */
export const imageName = ({ registry_url, image_name, image_tag }: NonNullable<VersionRow["storage"]>): string =>
  `${registry_url === null ? "" : `${registry_url}/`}${image_name}:${image_tag}`;

/** What of two versions can be told apart, in words; a value that a version lacks is undefined. */
export function factsOf(version: VersionRow): Record<string, string | undefined> {
  const { storage, image, runner, bundle_hash, entrypoint, flowctl_version, tasks, parameters } = version;
  return {
    Deployment: version.deployment_name,
    Runner: runner ?? undefined,
    Image: storage === null ? image ?? undefined : storage.image_name,
    Tag: storage?.image_tag,
    Digest: storage?.digest ?? undefined,
    Registry: storage?.registry_url ?? undefined,
    Code: bundle_hash?.slice(0, 12),
    Entrypoint: entrypoint ?? undefined,
    Tasks: tasks.length === 0 ? undefined : tasks.join(", "),
    Parameters: parameters.length === 0 ? undefined : parameters.join(", "),
    flowctl: flowctl_version ?? undefined,
  };
}

/** Where two versions differ. */
export function differences(
  one: VersionRow,
  other: VersionRow,
): { name: string; one: string | undefined; other: string | undefined }[] {
  const [a, b] = [factsOf(one), factsOf(other)];
  return Object.keys(a).filter((name) => a[name] !== b[name]).map((name) => ({ name, one: a[name], other: b[name] }));
}
