/**
 * The pieces of text, shown.
 *
 * @module
 */

import { STATE_TYPES } from "../../../domain/state_types.ts";
import { Badge, KeyHint, Progress, Skeleton, Stat, Stats } from "../bits.tsx";
import { count } from "../../format.ts";
import { ICONS } from "../icons.ts";
import { Card } from "../layout.tsx";
import { Chips, Duration, Facts, Icon, StateBadge, Time, Tip } from "../text.tsx";
import { Sample } from "./sample.tsx";

const OPENED = Date.now();
const ago = (seconds: number) => new Date(OPENED - seconds * 1000).toISOString();

/** See the module's comment. */
export const KitTexts = () => (
  <Card title="Pieces of text">
    <Sample title="States" code={`<StateBadge type="SCHEDULED" name="Late" />`}>
      {STATE_TYPES.map((type) => <StateBadge key={type} type={type} name={type[0] + type.slice(1).toLowerCase()} />)}
      <StateBadge type="SCHEDULED" name="Late" />
      <StateBadge type={null} />
    </Sample>
    <Sample
      title="Times and lengths"
      code={`<Time at={run.start_time} />\n<Duration seconds={84} />  <Duration since={run.start_time} />`}
    >
      <Time at={ago(0)} />
      <Time at={ago(200)} />
      <Time at={ago(-7000)} />
      <Time at={null} />
      <Duration seconds={0.084} />
      <Duration seconds={3725} />
      <Duration since={ago(60)} />
    </Sample>
    <Sample title="Badges" code={`<Badge tone="warning">paused</Badge>`}>
      <Badge>plain</Badge>
      <Badge tone="good">live</Badge>
      <Badge tone="warning">paused</Badge>
      <Badge tone="danger">revoked</Badge>
      <Badge tone="accent">default</Badge>
    </Sample>
    <Sample title="Tags and labels" code={`<Chips values={tags} />  <Chips kind="label" values={labels} />`}>
      <Chips values={["nightly", "a-rather-long-tag-that-somebody-made-up"]} />
      <Chips kind="label" values={["gpu", "region:eu-west-1"]} />
    </Sample>
    <Sample
      title="More on hover and focus"
      code={`<Tip text="Agent Problem: you have no live agents"><Icon name="warning" /></Tip>`}
    >
      <Tip text="Agent Problem: you have no live agents">
        <Icon name="warning" />
      </Tip>
    </Sample>
    <Sample title="Names and values" code={`<Facts items={[["Image", image], ["Exit code", code]]} />`}>
      <div class="kit-wide">
        <Facts
          items={[["Image", "registry.example/team/flows:3f2a91c"], ["Exit code", 137], [
            "Agent",
            <a key="agent" href="/agents">night-shift</a>,
          ]]}
        />
      </div>
    </Sample>
    <Sample
      title="Numbers that matter"
      code={`<Stats>\n  <Stat name="Failed" value={3} tone="danger" note="2 less than before" href="/runs?state=FAILED" />\n</Stats>`}
    >
      <div class="kit-wide">
        <Stats>
          <Stat name="Runs" value={count(1204)} note="last 24 h" href="/runs" />
          <Stat name="Success" value="98.2 %" tone="good" />
          <Stat name="Failed" value={3} tone="danger" note="2 less than before" />
          <Stat name="Late" value={1} tone="warning" />
        </Stats>
      </div>
    </Sample>
    <Sample title="Progress" code={`<Progress label="Task runs done" value={7} of={10} state="COMPLETED" />`}>
      <div class="kit-wide">
        <Progress label="Task runs done" value={7} of={10} state="COMPLETED" />
      </div>
    </Sample>
    <Sample title="On its way" code={`<Skeleton lines={3} />`}>
      <div class="kit-wide">
        <Skeleton lines={3} />
      </div>
    </Sample>
    <Sample title="Keys" code={`<KeyHint keys={["Ctrl", "K"]} />`}>
      <KeyHint keys={["Ctrl", "K"]} />
      <KeyHint keys={["g", "r"]} />
    </Sample>
    <Sample title="Icons" code={`<Icon name="runs" />`}>
      <ul class="kit-icons">
        {Object.keys(ICONS).map((name) => (
          <li key={name}>
            <Icon name={name} /> <span class="small">{name}</span>
          </li>
        ))}
      </ul>
    </Sample>
  </Card>
);
