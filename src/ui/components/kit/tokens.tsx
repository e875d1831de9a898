/**
 * The tokens, shown: colours, spaces, letters.
 *
 * @module
 */

import { Card } from "../layout.tsx";

const COLOURS: readonly (readonly [group: string, readonly (readonly [name: string, use: string])[]])[] = [
  ["Grounds", [
    ["page", "Behind everything"],
    ["sunken", "Code, tracks"],
    ["surface", "Cards, tables, controls"],
    ["raised", "Dialogs, menus, tips"],
    ["hover", "Over a ground, under the pointer"],
    ["selected", "What is chosen"],
  ]],
  ["Lines", [
    ["line", "Between things"],
    ["line-strong", "Around controls: 3 to 1 on every ground"],
    ["focus", "The ring around what has the focus"],
  ]],
  ["Letters", [
    ["text", "What is read"],
    ["quiet", "Names, hints, units"],
    ["link", "What leads somewhere"],
    ["danger", "Errors, deleting"],
    ["warning", "Needs somebody soon"],
    ["good", "As it should be"],
  ]],
  ["Accent", [
    ["accent", "The one main action"],
    ["accent-hover", "The same, under the pointer"],
    ["on-accent", "Letters on it"],
  ]],
  ["States", [
    ["scheduled", "Waits for its time"],
    ["pending", "Is being started"],
    ["running", "Runs"],
    ["paused", "Waits for somebody"],
    ["cancelling", "Is being stopped"],
    ["completed", "Did what it should"],
    ["failed", "Threw, or said so"],
    ["cancelled", "Was stopped"],
    ["crashed", "Its process or machine was lost"],
  ]],
];

const SPACES = ["s0", "s1", "s2", "s3", "s4", "s5", "s6"];

const LETTERS: readonly (readonly [name: string, use: string])[] = [
  ["huge", "Numbers that matter"],
  ["large", "Titles of pages"],
  ["medium", "Titles of cards"],
  ["body", "What is read"],
  ["small", "Hints, code, states"],
  ["tiny", "Heads of columns, chips"],
];

/** See the module's comment. */
export const KitTokens = () => (
  <>
    <Card title="Colours">
      <p class="quiet">
        Each has a value for light and one for dark. Every pair that is used together has a contrast of 4.5 to 1 for
        letters and 3 to 1 for marks and lines around controls; a test counts. Write{" "}
        <code>var(--name)</code>, never a value.
      </p>
      {COLOURS.map(([group, colours]) => (
        <div key={group} class="kit-part">
          <h3>{group}</h3>
          <ul class="kit-swatches">
            {colours.map(([name, use]) => (
              <li key={name}>
                <span class="kit-swatch" aria-hidden="true" style={{ background: `var(--${name})` }} />
                <span>
                  <code>--{name}</code>
                  <span class="quiet small">{use}</span>
                </span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </Card>
    <Card title="Spaces and letters">
      <ul class="kit-swatches">
        {SPACES.map((name) => (
          <li key={name}>
            <span class="kit-space" aria-hidden="true" style={{ width: `var(--${name})` }} />
            <code>--{name}</code>
          </li>
        ))}
      </ul>
      <ul class="kit-letters">
        {LETTERS.map(([name, use]) => (
          <li key={name}>
            <span style={{ fontSize: `var(--${name})` }}>{use}</span> <code class="quiet">--{name}</code>
          </li>
        ))}
        <li>
          <code>2026-11-21 22:33:58 f3a0…</code> <code class="quiet">--mono</code>
        </li>
      </ul>
      <p class="quiet">
        Rows and controls are <code>--control</code> high. Corners: <code>--radius-small</code> for marks,{" "}
        <code>--radius</code> for controls, <code>--radius-large</code> for cards.
      </p>
    </Card>
  </>
);
