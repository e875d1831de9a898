/**
 * The page of addresses that nothing has.
 *
 * @module
 */

import { Empty, Page } from "./layout.tsx";

/** See the module's comment. */
export const NotFound = () => (
  <Page title="Not found">
    <Empty title="Nothing has this address.">
      <p>
        Go to the <a href="/">overview</a>, or press <kbd>Ctrl</kbd> <kbd>K</kbd> and search.
      </p>
    </Empty>
  </Page>
);
