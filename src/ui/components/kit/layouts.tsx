/**
 * The parts that pages are laid out of, shown, and the rules they follow.
 *
 * @module
 */

import { Card, Empty, Failure, Grid, Table, Tabs } from "../layout.tsx";
import { Duration, StateBadge } from "../text.tsx";
import { Sample } from "./sample.tsx";

const ROWS = [
  { name: "quick-fox", state: "RUNNING", seconds: 12 },
  { name: "a-name-that-is-much-longer-than-anybody-would-expect-of-a-run", state: "COMPLETED", seconds: 4.2 },
  { name: "dull-otter", state: "FAILED", seconds: 0.3 },
];

const RULES: readonly (readonly [what: string, rule: string])[] = [
  ["Times", "Relative, the exact one on hover: <Time>. A length of time: <Duration>. Never a raw text of the API."],
  ["States", "Always colour and word: <StateBadge>. Bars and dots have the word in their name or tip."],
  [
    "Data",
    "useLive asks and keeps it true. What was shown stays until the new answer is there; nothing jumps, nothing blinks.",
  ],
  ["On its way", "<Shown> around what needs an answer. A skeleton only where the place would jump."],
  ["Nothing there", "<Empty>: one sentence that says so, and the command to type next, ready to copy."],
  [
    "Errors",
    "<Failure> in the place of what failed, a toast for an action: what went wrong, and what to do. Fields say it below themselves.",
  ],
  ["Deleting", "Asks first, with what goes and how many. The verb is on the button; the other button says Keep."],
  ["Address", "Filters, tabs and lines are in the address: a link shows the same."],
  [
    "Keyboard",
    "Real buttons and links. Escape closes, arrows move in lists and menus, the focus is seen and comes back to where it was.",
  ],
  ["Numbers", "Tabular, at the right in columns, thin spaces between thousands: count(), plural()."],
  [
    "Narrow",
    "390 px: columns that are not main are left out, cards stand below each other, nothing scrolls sideways but tables and charts.",
  ],
  [
    "Words",
    "Short plain sentences. Verbs on buttons. No exclamation marks. Names in quotes when they stand in a sentence.",
  ],
];

/** See the module's comment. */
export const KitLayouts = () => (
  <>
    <Card title="Parts of pages">
      <Sample
        title="Page, cards, grid"
        code={`<Page title="Runs" above={<a href="/flows">Flows</a>} actions={<Button>…</Button>}>\n  <Grid>\n    <Card title="Failed" actions={…}>…</Card>\n  </Grid>\n</Page>`}
      >
        <div class="kit-wide">
          <Grid>
            <Card title="A card">
              <p>As many beside each other as fit.</p>
            </Card>
            <Card title="Another">
              <p>A table in a card reaches from edge to edge.</p>
            </Card>
          </Grid>
        </div>
      </Sample>
      <Sample
        title="Tabs"
        code={`<Tabs href={\`/flows/\${id}\`} chosen={tab} tabs={[{ id: "runs", label: "Runs", count: 3 }, …]} />`}
      >
        <div class="kit-wide">
          <Tabs
            href="/ui/kit"
            chosen="runs"
            tabs={[{ id: "runs", label: "Runs", count: 3 }, { id: "tasks", label: "Tasks" }, {
              id: "settings",
              label: "Settings",
            }]}
          />
        </div>
      </Sample>
      <Sample
        title="Table"
        code={`<Table label="Runs" rows={runs} rowKey={({ id }) => id} empty={<Empty … />}\n  columns={[{ title: "Run", main: true, cell: ({ name }) => name }, { title: "Took", right: true, cell: … }]} />`}
      >
        <div class="kit-wide">
          <Table
            label="Samples of runs"
            rows={ROWS}
            rowKey={({ name }) => name}
            columns={[
              { title: "Run", main: true, cell: ({ name }) => <a href="/runs">{name}</a> },
              { title: "State", main: true, cell: ({ state }) => <StateBadge type={state} /> },
              { title: "Took", right: true, cell: ({ seconds }) => <Duration seconds={seconds} /> },
            ]}
          />
        </div>
      </Sample>
      <Sample
        title="Nothing there"
        code={`<Empty title="No runs yet." command="flowctl deployment run my-flow/example" />`}
      >
        <div class="kit-wide">
          <Empty title="No runs yet." command="flowctl deployment run my-flow/example" />
        </div>
      </Sample>
      <Sample title="Failure" code={`<Failure error={live.error} retry={live.refresh} />`}>
        <div class="kit-wide">
          <Failure
            error={Object.assign(new Error("Cannot pull the image: the registry refused the credentials"), {
              hint: "Log in with: flowctl docker login",
            })}
            retry={() => {}}
          />
        </div>
      </Sample>
    </Card>
    <Card title="Rules">
      <dl class="kit-rules">
        {RULES.map(([what, rule]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{rule}</dd>
          </div>
        ))}
      </dl>
    </Card>
  </>
);
