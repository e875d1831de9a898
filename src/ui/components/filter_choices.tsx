/**
 * What the parts of the filter bar open: lists to choose from, with suggestions from the API, and times.
 *
 * @module
 */

import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { Change } from "../../domain/changes.ts";
import { api } from "../api.ts";
import { type Last, LASTS, type ListName, type RunFilters, STATES } from "../filters.ts";
import { useLive } from "../live/use_live.ts";
import { Button, TextInput } from "./controls.tsx";

/** Lengths of time up to now, as people say them. */
export const LAST_WORDS: Record<Last, string> = {
  "1h": "last hour",
  "24h": "last 24 hours",
  "7d": "last 7 days",
  "30d": "last 30 days",
};

/** `failed` → `Failed`. */
export const stateWord = (state: string): string => state[0].toUpperCase() + state.slice(1);

/** The most suggestions that are asked for. */
const MOST = 200;

/** A value, and what it is called. */
type Choice = readonly [value: string, word: string];

const isAbout = (list: ListName) => ({ kind }: Change): boolean => {
  switch (list) {
    case "projects":
      return kind === "project";
    case "flows":
      return kind === "flow";
    case "deployments":
      return kind === "deployment" || kind === "flow";
    case "labels":
      return kind === "deployment" || kind === "agent";
    default:
      return kind === "deployment";
  }
};

const words = (lists: string[][]): Choice[] => [...new Set(lists.flat())].sort().map((word) => [word, word]);

/** Asks for what a list may be filtered by. @param text A part of the name; lists that are small are asked for whole. */
async function suggest(list: ListName, text: string): Promise<Choice[]> {
  const like = text === "" ? undefined : { like_: text };
  switch (list) {
    case "states":
      return STATES.map((state) => [state, stateWord(state)]);
    case "projects":
      return words([(await api.projects.list({ limit: MOST })).map(({ name }) => name)]);
    case "flows": {
      const flows = await api.flows.list({ flows: like && { name: like }, limit: MOST });
      return flows.map(({ id, name, project }) => [id, project === "default" ? name : `${name} (${project})`]);
    }
    case "deployments": {
      const [byName, byFlow] = await Promise.all([
        api.deployments.list({ deployments: like && { name: like }, limit: MOST }),
        like === undefined ? [] : api.deployments.list({ flows: { name: like }, limit: MOST }),
      ]);
      const found = [...byName, ...byFlow].map(({ id, name, flow_name }): Choice => [id, `${flow_name}/${name}`]);
      return [...new Map(found)].sort(([, a], [, b]) => a < b ? -1 : 1);
    }
    case "tags": {
      const [deployments, flows, runs] = await Promise.all([
        api.deployments.list({ limit: MOST }),
        api.flows.list({ limit: MOST }),
        api.flowRuns.list({ sort: "START_TIME_DESC", limit: 100 }),
      ]);
      return words([...deployments, ...flows, ...runs].map(({ tags }) => tags));
    }
    case "labels": {
      const [deployments, agents] = await Promise.all([api.deployments.list({ limit: MOST }), api.agents.list()]);
      return words([...deployments, ...agents].map(({ labels }) => labels));
    }
  }
}

/** The names of chosen flows and deployments, whose addresses hold ids. */
export function useNames(list: ListName, chosen: readonly string[]): ReadonlyMap<string, string> {
  const hasIds = (list === "flows" || list === "deployments") && chosen.length > 0;
  const { data } = useLive(
    hasIds ? `filter names ${list} ${chosen}` : undefined,
    async (): Promise<Choice[]> => {
      const id = { any_: [...chosen] };
      if (list === "flows") return (await api.flows.list({ flows: { id } })).map(({ id, name }) => [id, name]);
      const deployments = await api.deployments.list({ deployments: { id } });
      return deployments.map(({ id, name, flow_name }) => [id, `${flow_name}/${name}`]);
    },
    isAbout(list),
  );
  return useMemo(() => new Map(data), [data]);
}

/** Lists whose words may be new: nobody knows all tags. */
const isFree = (list: ListName) => list === "tags" || list === "labels";

/** A list to choose from: a line to search in, and what matches. */
export function ListChoices({ list, word, chosen, names, onChange }: {
  list: ListName;
  word: string;
  chosen: readonly string[];
  names: ReadonlyMap<string, string>;
  onChange: (values: readonly string[]) => void;
}) {
  const [text, setText] = useState("");
  const asked = list === "flows" || list === "deployments" ? text : "";
  const suggested = useLive(`suggest ${list} ${asked}`, () => suggest(list, asked), isAbout(list));
  // While an answer is under way the one before is looked through.
  const known = useRef(suggested.data);
  known.current = suggested.data ?? known.current;
  const data = known.current;
  const { error } = suggested;
  // What was chosen when it was opened stays at the top, so that nothing moves under the pointer.
  const [first] = useState(chosen);
  const choices = useMemo(() => {
    const all = new Map<string, string>(first.map((value) => [value, names.get(value) ?? value]));
    for (const [value, name] of data ?? []) all.set(value, name);
    for (const value of chosen) if (!all.has(value)) all.set(value, names.get(value) ?? value);
    const wanted = text.toLowerCase();
    return [...all].map(([value, name]): Choice => [value, list === "states" ? stateWord(value) : name])
      .filter(([, name]) => name.toLowerCase().includes(wanted));
  }, [data, text, first, chosen, names]);
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  const [entered, setEntered] = useState(false);
  const enter = () => {
    // Enter was quicker than the suggestions: it is about what they will be.
    if (suggested.data === undefined && error === undefined) return setEntered(true);
    const exactly = choices.find(([, name]) => name.toLowerCase() === text.toLowerCase())?.[0];
    const value = exactly ?? (isFree(list) ? text.trim() : choices[0]?.[0]);
    if (value === undefined || value === "") return;
    if (!chosen.includes(value)) toggle(value);
    setText("");
  };
  useEffect(() => {
    if (!entered || suggested.data === undefined) return;
    setEntered(false);
    enter();
  }, [entered, suggested.data]);
  return (
    <>
      {list === "states" ? null : (
        <TextInput
          type="search"
          aria-label={`Search ${word.toLowerCase()}s`}
          placeholder={isFree(list) ? "Search, or type another" : "Search"}
          value={text}
          onInput={setText}
          onKeyDown={(event) => event.key === "Enter" && enter()}
        />
      )}
      <div class="choices" role="group" aria-label={`${word}s`}>
        {choices.map(([value, name]) => (
          <label key={value} class="choice">
            <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
            {list === "states"
              ? (
                <span class={`state state-${value}`}>
                  <span class="state-dot" aria-hidden="true" />
                </span>
              )
              : null}
            <span>{name}</span>
          </label>
        ))}
        {choices.length > 0 ? null : (
          <p class="quiet">
            {error !== undefined
              ? error.message
              : data === undefined
              ? "Loading…"
              : text === ""
              ? `There are no ${word.toLowerCase()}s.`
              : isFree(list)
              ? `Press Enter to filter by "${text}".`
              : `No ${word.toLowerCase()} has such a name.`}
          </p>
        )}
      </div>
    </>
  );
}

/** A moment as a `datetime-local` control holds it, in the viewer's zone. */
function localText(at: string | undefined): string {
  if (at === undefined) return "";
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const momentText = (local: string): string | undefined => {
  const at = Date.parse(local);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

/** A length of time up to now, or from when to when. */
export function TimeChoices({ time, onChange, close }: {
  time: RunFilters["time"];
  onChange: (time: RunFilters["time"]) => void;
  close: () => void;
}) {
  const given = time !== undefined && !("last" in time) ? time : {};
  const [from, setFrom] = useState(localText(given.from));
  const [to, setTo] = useState(localText(given.to));
  const id = useId();
  const last = time !== undefined && "last" in time ? time.last : undefined;
  const apply = () => {
    const span = { from: momentText(from), to: momentText(to) };
    const some = Object.fromEntries(Object.entries(span).filter(([, at]) => at !== undefined));
    onChange(Object.keys(some).length === 0 ? undefined : some);
    close();
  };
  return (
    <>
      <div class="choices" role="radiogroup" aria-label="Time">
        {([undefined, ...Object.keys(LASTS)] as (Last | undefined)[]).map((one) => (
          <label key={one} class="choice">
            <input
              type="radio"
              name={id}
              checked={one === undefined ? time === undefined : one === last}
              onChange={() => onChange(one && { last: one })}
            />
            <span>{one === undefined ? "any time" : LAST_WORDS[one]}</span>
          </label>
        ))}
      </div>
      <form
        class="choice-times"
        onSubmit={(event) => {
          event.preventDefault();
          apply();
        }}
      >
        <label>
          From <TextInput type="datetime-local" value={from} onInput={setFrom} />
        </label>
        <label>
          To <TextInput type="datetime-local" value={to} onInput={setTo} />
        </label>
        <Button type="submit">Filter by these times</Button>
      </form>
    </>
  );
}
