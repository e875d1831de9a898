/**
 * The design language in one page: tokens, components with what to write, and the rules.
 *
 * @module
 */

import { KitControls } from "../components/kit/controls.tsx";
import { KitLayouts } from "../components/kit/layouts.tsx";
import { KitTexts } from "../components/kit/texts.tsx";
import { KitTokens } from "../components/kit/tokens.tsx";
import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function KitPage() {
  return (
    <Page title="Design language">
      <KitTokens />
      <KitTexts />
      <KitControls />
      <KitLayouts />
    </Page>
  );
}
