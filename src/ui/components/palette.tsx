/**
 * The command palette: pages, actions, and everything that has a name, found by typing.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { api } from "../api.ts";
import { helpIsOpen, paletteIsOpen } from "../opened.ts";
import { chosenAfter, fitting, grouped, itemOf, type PaletteItem } from "../palette.ts";
import { ROUTES } from "../routes.ts";
import { setTheme, toggleTheme } from "../theme.ts";
import { KeyHint } from "./bits.tsx";
import { toast } from "./overlays.tsx";
import { Icon, StateBadge } from "./text.tsx";

/** A search begins when nothing was typed for so long, in milliseconds. */
const REST_MS = 80;

const pages = (): PaletteItem[] => [
  ...ROUTES.filter(({ nav }) => nav !== undefined).map(({ path, nav, icon, key }) => ({
    id: `page-${path}`,
    group: "Pages",
    label: nav!,
    icon: icon!,
    href: path,
    words: "go to page",
    ...key === undefined ? {} : { keys: ["g", key] },
  })),
  { id: "page-docs", group: "Pages", label: "API reference", icon: "external", href: "/docs", words: "openapi docs" },
  { id: "page-kit", group: "Pages", label: "Design language", icon: "box", href: "/ui/kit", words: "kit components" },
];

const actions = (): PaletteItem[] => [
  {
    id: "action-link",
    group: "Actions",
    label: "Copy the link to this page",
    icon: "link",
    words: "address url share",
    async run() {
      await navigator.clipboard.writeText(location.href);
      toast("Copied");
    },
  },
  {
    id: "action-theme",
    group: "Actions",
    label: "Switch between light and dark",
    icon: "moon",
    words: "toggle theme colours",
    run: toggleTheme,
  },
  {
    id: "action-system",
    group: "Actions",
    label: "Light or dark as the system says",
    icon: "system",
    words: "theme automatic",
    run: () => setTheme("system"),
  },
  {
    id: "action-keys",
    group: "Actions",
    label: "Show keyboard shortcuts",
    icon: "keyboard",
    keys: ["?"],
    words: "help keys",
    run: () => void (helpIsOpen.value = true),
  },
];

/** The palette, when it is open. */
export const Palette = () => paletteIsOpen.value ? <OpenPalette /> : null;

function OpenPalette() {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const { hits, asking, error } = useSearch(text);
  const dialog = useRef<HTMLDialogElement>(null);
  const { route } = useLocation();
  const id = useId();
  // At once: what is typed next belongs here.
  useLayoutEffect(() => {
    dialog.current!.showModal();
    return () => dialog.current?.close();
  }, []);
  const items = [...fitting(pages(), text), ...fitting(actions(), text), ...hits];
  const at = Math.min(chosen, items.length - 1);
  useEffect(() => {
    dialog.current!.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at, items.length]);
  const close = () => paletteIsOpen.value = false;
  const choose = async (item: PaletteItem | undefined, beside = false) => {
    if (item === undefined) return;
    close();
    try {
      if (item.href === undefined) await item.run?.();
      else if (beside) open(item.href, "_blank");
      else if (item.href === "/docs") location.assign(item.href);
      else route(item.href);
    } catch (error) {
      toast((error as Error).message, "error");
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = chosenAfter(event.key, at, items.length);
    if (next !== undefined) setChosen(next);
    else if (event.key === "Enter") void choose(items[at], event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  };
  let n = -1;
  return (
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label="Search and commands"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={(event) => event.target === dialog.current && close()}
    >
      <div class="palette-head">
        <Icon name="search" />
        <input
          class="palette-input"
          type="text"
          role="combobox"
          aria-label="Search pages, flows, deployments, runs, agents, projects"
          aria-expanded={items.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
          aria-autocomplete="list"
          autocomplete="off"
          spellcheck={false}
          autoFocus
          placeholder="Search by name or id, or type what to do"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <button type="button" class="button button-quiet button-small" onClick={close}>Esc</button>
      </div>
      <div class="palette-list" id={`${id}-list`} role="listbox" aria-label="Found">
        {grouped(items).map(({ group, items }) => (
          <div key={group} role="group" aria-labelledby={`${id}-${group}`}>
            <div class="palette-group" id={`${id}-${group}`} role="presentation">{group}</div>
            {items.map((item) => {
              const index = ++n;
              return (
                <div
                  key={item.id}
                  id={`${id}-${index}`}
                  class="palette-item"
                  role="option"
                  aria-selected={index === at}
                  onMouseMove={() => index === at || setChosen(index)}
                  onClick={(event) => void choose(item, event.ctrlKey || event.metaKey)}
                >
                  <Icon name={item.icon} />
                  <span class="clip">{item.label}</span>
                  {item.note === undefined ? null : <span class="clip quiet small">{item.note}</span>}
                  <span class="palette-end">
                    {item.state === undefined ? null : <StateBadge {...item.state} />}
                    {item.keys === undefined ? null : <KeyHint keys={item.keys} />}
                  </span>
                </div>
              );
            })}
          </div>
        ))}
      </div>
      <p class="palette-foot" role="status">{said(text, hits.length, items.length, asking, error)}</p>
    </dialog>
  );
}

/** What the foot says of the search. */
function said(text: string, hits: number, all: number, asking: boolean, error: Error | undefined): string {
  if (error !== undefined) return error.message;
  if (text.trim() === "") return "Type a name, or at least four signs of an id.";
  if (asking) return "Searching…";
  if (all === 0) return "Nothing has this name or id. Runs are found by how their names begin.";
  return hits === 0 ? "Nothing else has this name or id." : `${hits} found.`;
}

/** What the server finds; what was found last stays until it has answered. */
function useSearch(text: string) {
  const [found, setFound] = useState<{ text: string; hits: PaletteItem[]; error?: Error }>({ text: "", hits: [] });
  const asked = text.trim();
  useEffect(() => {
    if (asked === "") return setFound({ text: "", hits: [] });
    const over = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const hits = (await api.search(asked, { signal: over.signal })).map(itemOf);
        if (!over.signal.aborted) setFound({ text: asked, hits });
      } catch (error) {
        if (!over.signal.aborted) setFound({ text: asked, hits: [], error: error as Error });
      }
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [asked]);
  return { hits: asked === "" ? [] : found.hits, asking: found.text !== asked, error: found.error };
}
