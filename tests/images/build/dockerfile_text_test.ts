import assert from "node:assert/strict";
import { buildArgsOf, dockerfileText, imagesOf, shellWord } from "../../../src/images/build/dockerfile_text.ts";
import { test } from "../../testing/test.ts";

test("a Dockerfile has the environment first and the user's own lines last", () => {
  const text = dockerfileText({
    base: "debian:12",
    env: { A: "1", B: 'a "b" $C \\ d' },
    steps: [{ run: "make" }, { copy: { from: "files/0", to: "/etc/x/", isFolder: true } }],
    labels: { "dev.flowctl.version": "0.1.0" },
    extra: ["USER 1000", "RUN id"],
  });
  assert.equal(
    text,
    `FROM debian:12
ENV A="1" B="a \\"b\\" \\$C \\\\ d"
RUN make
COPY ["files/0/","/etc/x/"]
LABEL dev.flowctl.version="0.1.0"
USER 1000
RUN id
`,
  );
});

test("a value of several lines comes as an argument of the build", () => {
  const env = { ONE: "1", PEM: "a\nb $C" };
  const text = dockerfileText({ base: "x", env, steps: [], labels: {}, extra: [] });
  assert.equal(text, 'FROM x\nARG FLOWCTL_ENV_1\nENV ONE="1" PEM="${FLOWCTL_ENV_1}"\n');
  assert.deepEqual(buildArgsOf(env), { FLOWCTL_ENV_1: "a\nb $C" });
});

test("names of files mean themselves, whatever characters they have", () => {
  const copy = { from: "files/0", to: `/a b/$HOME/it's "x"\\y`, isFolder: false };
  const text = dockerfileText({ base: "x", env: {}, steps: [{ copy }], labels: {}, extra: [] });
  const [, words] = /^COPY (.*)$/m.exec(text)!;
  assert.equal(JSON.parse(words)[1], `/a b/\\$HOME/it\\'s \\"x\\"\\\\y`);
});

test("trap 10: requirements are words of the shell", () => {
  assert.equal(shellWord("pkg<4; rm -rf /"), "'pkg<4; rm -rf /'");
  assert.equal(shellWord("it's"), `'it'\\''s'`);
});

test("the images of FROM lines are found, variables filled in, stages and scratch left out", () => {
  const text = `# FROM none
ARG BASE=debian
ARG TAG="12"
from --platform=linux/amd64 \${BASE}:\${TAG} as Build
FROM scratch
FROM build
ARG BASE=later
FROM \\
  $BASE
FROM \${NONE:-alpine:3}
FROM \${NONE}
`;
  assert.deepEqual(imagesOf(text), ["debian:12", "debian", "alpine:3"]);
  assert.deepEqual(imagesOf(text, { BASE: "own/image" }), ["own/image:12", "own/image", "alpine:3"]);
});
