/**
 * `flowctl server create-tenant`: answers what set-up scripts of Prefect 1 ask; there is one tenant, and it is there.
 *
 * @module
 */

import { FlowctlError } from "../../../support/errors.ts";
import { command, type MakeCommand } from "../../command.ts";

/** The tenant of every server, which is in the addresses of its pages. */
const TENANT = "default";

/** See the module's comment. */
export const serverCreateTenant: MakeCommand = (context) =>
  command(context, "create-tenant", {
    description: "Create a tenant: the only one, `default`, is there from the beginning",
    examples: ["flowctl server create-tenant --name default --slug default"],
    notes: "Flows are kept apart by projects: flowctl create project NAME",
  })
    .requiredOption("-n, --name <name>", "name of the tenant")
    .option("-s, --slug <slug>", "its name in addresses; default: the name")
    .action(({ name, slug = name }) => {
      if (name === TENANT && slug === TENANT) {
        return context.out.line(`Tenant '${TENANT}' is there already: every server has it, and no other`);
      }
      throw new FlowctlError("unsupported", `Cannot create tenant "${name}": a server has one tenant, "${TENANT}"`, {
        hint: "Keep flows apart by projects: flowctl create project NAME",
      });
    });
