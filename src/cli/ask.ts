/**
 * Questions before something is lost.
 *
 * @module
 */

import { FlowctlError } from "../support/errors.ts";
import type { Context } from "./context.ts";

/**
 * Asks on the terminal; `--yes` answers before. Where nobody can be asked it goes on only with `--yes`.
 *
 * @param question Without its question mark, e.g. `Delete flow run "x"`.
 * @throws FlowctlError `cancelled` for a no, `invalid` when nobody can be asked
 */
export async function confirm(context: Context, question: string, { yes = false }: { yes?: boolean }): Promise<void> {
  if (yes) return;
  if (!context.isInteractive) {
    throw new FlowctlError("invalid", `Cannot ask "${question}?": there is no terminal`, {
      hint: "Answer beforehand with: --yes",
    });
  }
  context.stderr.write(`${question}? [y/N] `);
  const answer = await context.stdin.line(context.signal);
  if (/^y(es)?$/i.test(answer?.trim() ?? "")) return;
  throw new FlowctlError("conflict", `${question}: not confirmed`);
}
