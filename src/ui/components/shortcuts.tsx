/**
 * The keys that work on every page, and the dialog that tells them.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import { useEffect } from "preact/hooks";
import { helpIsOpen, paletteIsOpen } from "../opened.ts";
import { ROUTES } from "../routes.ts";
import { shortcutOf } from "../shortcuts.ts";
import { KeyHint } from "./bits.tsx";
import { Dialog } from "./overlays.tsx";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** The keys of the palette on this machine. */
export const PALETTE_KEYS: readonly string[] = isMac ? ["⌘", "K"] : ["Ctrl", "K"];

const takesLetters = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input, textarea, select, [role=menu] *"));

/** Listens to the keys as long as it is on the page; once in the frame. */
export function Shortcuts() {
  const { route } = useLocation();
  useEffect(() => {
    let before: number | undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const { key, ctrlKey: ctrl, metaKey: meta, altKey: alt, timeStamp: at } = event;
      const isOverlaid = document.querySelector("dialog[open]") !== null;
      const shortcut = shortcutOf(
        { key, ctrl, meta, alt, at, typing: isOverlaid || takesLetters(event.target) },
        before,
      );
      before = undefined;
      if (shortcut === undefined) return;
      if (shortcut === "wait") return void (before = at);
      switch (shortcut.kind) {
        case "palette":
          // Over another dialog it would hide what is being done there.
          if (isOverlaid && !paletteIsOpen.value) return;
          paletteIsOpen.value = !paletteIsOpen.value;
          break;
        case "search": {
          const field = document.querySelector<HTMLInputElement>("main input[type=search]");
          if (field === null) paletteIsOpen.value = true;
          else field.focus();
          break;
        }
        case "help":
          helpIsOpen.value = true;
          break;
        case "go": {
          const page = ROUTES.find(({ key }) => key === shortcut.key);
          if (page === undefined) return;
          route(page.path);
        }
      }
      event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  return helpIsOpen.value ? <Help /> : null;
}

const Help = () => (
  <Dialog title="Keyboard shortcuts" onClose={() => helpIsOpen.value = false}>
    <dl class="shortcuts">
      {[
        [PALETTE_KEYS, "Search and commands"],
        [["/"], "Search on this page"],
        [["?"], "These shortcuts"],
        [["Esc"], "Close what is open"],
        ...ROUTES.filter(({ key }) => key !== undefined).map(({ key, nav }) => [["g", key!], nav!]),
      ].map(([keys, what]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>
            <KeyHint keys={keys as string[]} />
          </dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
