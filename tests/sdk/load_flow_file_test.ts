import assert from "node:assert/strict";
import { bundleFile } from "../../src/bundles/bundler.ts";
import { loadDeployments } from "../../src/sdk/deployments.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";
import "./helpers.ts";

const file = (head: string, env = `EXTRA_NPM_PACKAGES: "left-pad @s/odd@3"`, top = "") =>
  `${head}
import { DeploymentSpec, DockerFlowRunner, flow } from "flowctl";
${top}
const f = flow("f", () => "body");
new DeploymentSpec({ name: "d", flow: f, flowRunner: new DockerFlowRunner({ env: { ${env} } }) });
`;

const problemOf = async (text: string) => {
  using folder = testFolder({ "flow.ts": text });
  try {
    await loadDeployments(`${folder.path}/flow.ts`);
  } catch (error) {
    assert(isFlowctlError(error), String(error));
    return error;
  }
  throw new Error("it was loaded");
};

for (
  const [head, used] of [
    [`import pad from "left-pad";`, "pad"],
    [`import { pad, other as more } from "left-pad";`, "[pad, more]"],
    [`import * as all from "left-pad/lib/deep.js";`, "all"],
    [`import pad from "npm:left-pad@1";`, "pad"],
    [`import "left-pad";`, "1"],
    [`import odd, { even } from "@s/odd"; export { pad } from "left-pad";`, "[odd, even]"],
    [`const { default: pad } = await import("left-pad");`, "pad"],
    [`import pad from "./lib.ts";`, "pad"],
  ]
) {
  test(`a file with ${head} is loaded without that package, which its runner names`, async () => {
    using folder = testFolder({
      "flow.ts": file(head, undefined, `export const later = () => ${used}, now = ${used};`),
      "lib.ts": `import pad from "left-pad"; export default pad;`,
    });
    const [deployment] = await loadDeployments(`${folder.path}/flow.ts`);
    assert.equal(deployment.flow.name, "f");
  });
}

test("a YAML file's runner names packages as well", async () => {
  using folder = testFolder({
    "flow.ts":
      `import pad from "left-pad";\nimport { flow } from "flowctl";\nexport const f = flow("f", () => pad("x"));\n`,
    "d.yaml":
      `name: d\nflow_location: ./flow.ts\nflow_runner: { type: subprocess, config: { env: { EXTRA_NPM_PACKAGES: left-pad } } }\n`,
  });
  assert.equal((await loadDeployments(`${folder.path}/d.yaml`))[0].flow.name, "f");
});

test("a missing package that no runner names is an error with its place and both ways out", async () => {
  const error = await problemOf(file(`import gone from "gone-package";`, undefined, "export const used = () => gone;"));
  assert.equal(error.code, "user_code");
  assert.match(error.message, /gone-package.*flow\.ts:1:\d+$/);
  assert.match(error.hint ?? "", /EXTRA_NPM_PACKAGES/);
});

for (
  const top of ["pad('x');", "new pad.Pad();", "const width = pad.width + 1;", "class Mine extends pad.Base {}"]
) {
  test(`a file that does ${top} while it is loaded is told to install the package`, async () => {
    const error = await problemOf(file(`import pad from "left-pad";`, undefined, top));
    assert.equal(error.code, "user_code");
    assert.match(error.message, /left-pad/);
    assert.match(error.hint ?? "", /inside the flow only/);
  });
}

test("another error of such a file stays that error", async () => {
  using folder = testFolder({ "flow.ts": `import pad from "left-pad";\nconst b = = 2;\n` });
  await assert.rejects(() => loadDeployments(`${folder.path}/flow.ts`), /flow\.ts:2:\d+/);
});

test("a package that the runner names stays an import, also when another version lies beside the file", async () => {
  using folder = testFolder({
    "flow.ts": `import pad from "npm:left-pad@1"; import odd from "is-odd"; export default () => [pad, odd];`,
    "node_modules/left-pad/package.json": `{"name":"left-pad","version":"1.0.0","main":"index.js"}`,
    "node_modules/left-pad/index.js": `module.exports = "local left-pad";`,
    "node_modules/is-odd/package.json": `{"name":"is-odd","version":"1.0.0","main":"index.js"}`,
    "node_modules/is-odd/index.js": `module.exports = "local is-odd";`,
  });
  const { text } = await bundleFile(`${folder.path}/flow.ts`, { external: ["left-pad"] });
  const code = text.slice(0, text.lastIndexOf("//# sourceMappingURL"));
  assert.match(code, /from\s*"left-pad"/);
  assert.doesNotMatch(code, /local left-pad/);
  assert.match(code, /local is-odd/);
});
