/**
 * `flowctl secret set`: stores a secret, or its new value.
 *
 * @module
 */

import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const secretSet: MakeCommand = (context) =>
  command(context, "set", {
    description: "Set a secret: from standard input, a file, or a hidden prompt",
    examples: [
      "flowctl secret set API_TOKEN",
      "flowctl secret set API_TOKEN < token.txt",
      "flowctl secret set TLS_KEY --from-file key.pem",
    ],
    notes:
      'Runs read it that name it: with env: { TOKEN: secret("API_TOKEN") } in a runner, or secrets: ["API_TOKEN"] in a\n' +
      'deployment and Secret.load("API_TOKEN") in its flow. One line end after the value is not part of it.',
  })
    .argument("<name>", "letters, digits, _, . and -; begins with a letter or _")
    .option("--from-file <path>", "read the value from a file")
    .action(async (name, options) => {
      const [{ readSecretInput }, { SecretName }, { FlowctlError }] = await Promise.all([
        import("../../secret_input.ts"),
        import("../../../domain/secrets.ts"),
        import("../../../support/errors.ts"),
      ]);
      const checked = SecretName.safeParse(name);
      // Before somebody types it in vain.
      if (!checked.success) {
        throw new FlowctlError("invalid", `Cannot set secret "${name}": ${checked.error.issues[0].message}`);
      }
      const value = await readSecretInput(context, `value of secret "${name}"`, options.fromFile);
      const { client } = await context.connect();
      const { created, updated } = await client.secrets.set(name, value);
      context.out.line(`${created === updated ? "Set" : "Changed"} secret '${name}'`);
    });
