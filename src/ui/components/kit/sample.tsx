/**
 * One component on the page of the design language: how it looks, and what to write.
 *
 * @module
 */

import type { ComponentChildren } from "preact";

/** See the module's comment. @param code What to write, as it would stand in a page. */
export const Sample = ({ title, code, children }: { title: string; code: string; children: ComponentChildren }) => (
  <div class="kit-part">
    <h3>{title}</h3>
    <div class="kit-sample">{children}</div>
    <pre class="code-block">{code}</pre>
  </div>
);
