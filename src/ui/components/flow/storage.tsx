/**
 * Where a version's code lives: the image's name, tag, digest and registry, each to be copied; or that the server keeps it.
 *
 * @module
 */

import type { VersionRow } from "../../../domain/flow_views.ts";
import { imageName } from "../../flow_versions.ts";
import { Copy } from "../controls.tsx";
import { Card, Empty } from "../layout.tsx";
import { Facts } from "../text.tsx";

/** See the module's comment. */
export function Storage({ version }: { version: VersionRow | undefined }) {
  if (version === undefined) {
    return (
      <Card title="Storage">
        <Empty title="Nothing is stored of it." command="flowctl register -p ./my-flow.ts --project default">
          <p>It ran in a process of somebody's.</p>
        </Empty>
      </Card>
    );
  }
  const { storage, image, runner, bundle_hash, entrypoint } = version;
  if (storage === null) {
    return (
      <Card title="Storage">
        <Facts
          items={[
            ["Kind", bundle_hash === null ? "None: whoever runs it has the code" : "The server keeps the code"],
            [
              "Bundle",
              bundle_hash === null
                ? undefined
                : <Copy key="bundle" text={bundle_hash} label={bundle_hash.slice(0, 12)} />,
            ],
            [
              "Image",
              image === null ? (runner === "docker" ? "flowctl's own" : undefined) : <Copy key="image" text={image} />,
            ],
            ["Entrypoint", entrypoint === null ? undefined : <Copy key="entrypoint" text={entrypoint} />],
          ]}
        />
      </Card>
    );
  }
  const { image_name, image_tag, image_id, digest, registry_url, path } = storage;
  return (
    <Card title="Storage" actions={<Copy text={imageName(storage)} label="Docker image" />}>
      <Facts
        items={[
          ["Image", <Copy key="name" text={image_name} />],
          ["Tag", <Copy key="tag" text={image_tag} />],
          [
            "Registry",
            registry_url === null
              ? <span key="registry" class="quiet">none, it is on its engine</span>
              : <Copy key="registry" text={registry_url} />,
          ],
          [
            "Digest",
            digest === null
              ? <span key="digest" class="quiet">none, it was not pushed</span>
              : <Copy key="digest" text={digest} label={short(digest)} />,
          ],
          ["Image id", image_id === null ? undefined : <Copy key="id" text={image_id} label={short(image_id)} />],
          ["Code in it", <Copy key="path" text={path} />],
        ]}
      />
    </Card>
  );
}

/** `sha256:0123456789ab` of a whole one. */
const short = (digest: string): string => digest.replace(/^(\w+:)?(\w{12})\w*$/, "$1$2…");
