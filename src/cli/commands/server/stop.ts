/**
 * `flowctl server stop`: stops the server of this home, and nothing else.
 *
 * @module
 */

import { messageOf } from "../../../support/errors.ts";
import { flowctlHome } from "../../../support/paths.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const serverStop: MakeCommand = (context) =>
  command(context, "stop", {
    description: "Stop the server of this home, and remove its network when nothing is connected to it",
    examples: ["flowctl server stop"],
    notes: "Containers, agents and data stay. When no server runs on this home, that is said, and is no failure.",
  })
    .action(async () => {
      const { env, clock, signal, out, parts } = context;
      const stopped = await parts.stopServer({ env, clock, signal });
      out.line(
        stopped === undefined
          ? `No server runs on home "${flowctlHome(env)}"`
          : `Stopped the server at ${stopped.url}, process ${stopped.pid}`,
      );
      try {
        const { name, outcome } = await parts.closeServerNetwork({ env });
        if (outcome === "removed") out.line(`Removed network '${name}'`);
        if (outcome === "in use") out.note(`Left network '${name}': containers are connected to it`);
      } catch (error) {
        if (stopped !== undefined) out.note(`The network was not looked at: ${messageOf(error)}`);
      }
    });
