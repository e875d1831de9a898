/**
 * Stand-ins for packages that are installed only where a flow runs, so that a file that imports them at its top can be loaded for
 * what it defines.
 *
 * A stand-in can be imported and handed on. Whoever uses it while the file is loaded is told so in one sentence: a made-up value
 * would end up in a deployment.
 *
 * @module
 */

import { packageOfSpecifier } from "../domain/npm_packages.ts";
import { FlowctlError } from "../support/errors.ts";

const KEY = Symbol.for("flowctl.missing-package");

/** The stand-in of a package, as a CommonJS module: only such a one may have any name that is imported. */
export function standInSource(specifier: string): string {
  return `module.exports=globalThis[Symbol.for("flowctl.missing-package")](${
    JSON.stringify(packageOfSpecifier(specifier) ?? specifier)
  });`;
}

/** Must be called before a bundle with stand-ins is loaded. */
export function provideStandIns(): void {
  (globalThis as Record<symbol, unknown>)[KEY] = standIn;
}

/** The error that a use throws; known by its details. */
export const isStandInError = (error: unknown): boolean =>
  error instanceof FlowctlError && error.details.missingPackage !== undefined;

function standIn(name: string): object {
  // What a bundle's own helpers look at is the prototype, where any name is found.
  const names = new Proxy({}, {
    get: (_target, key) => typeof key === "symbol" || key === "__esModule" || key === "then" ? undefined : value(name),
    has: () => true,
  });
  const whole = value(name);
  return new Proxy(whole as object, {
    get: (target, key) =>
      typeof key === "symbol" || key === "__esModule" || key === "then" ? undefined : Reflect.get(target, key),
    getPrototypeOf: () => names,
  });
}

/** What can be handed on, and neither called nor looked into. */
function value(name: string): object {
  const use = (): never => {
    throw new FlowctlError(
      "user_code",
      `Cannot use package "${name}" while the file is loaded: it is not installed beside the file`,
      { details: { missingPackage: name } },
    );
  };
  return new Proxy(function standIn() {}, {
    apply: use,
    construct: use,
    get: (target, key) =>
      typeof key === "symbol" || key === "then" || key === "name" || key === "length" || key === "__esModule"
        ? key === "name" || key === "length" ? Reflect.get(target, key) : undefined
        : use(),
  });
}
