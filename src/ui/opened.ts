/**
 * What of the frame is open above the page.
 *
 * @module
 */

import { signal } from "@preact/signals";

/** Whether the command palette is shown. */
export const paletteIsOpen = signal(false);

/** Whether the dialog of shortcuts is shown. */
export const helpIsOpen = signal(false);
