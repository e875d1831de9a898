/**
 * What is pressed above a timeline: search, order, nearer and farther.
 *
 * @module
 */

import { Button, Select, Switch, TextInput } from "../controls.tsx";
import type { Order } from "./rows.ts";
import type { View } from "./use_view.ts";

/** See the module's comment. */
export const Toolbar = (
  { text, onText, order, onOrder, showsPath, onShowsPath, view, folds }: {
    text: string;
    onText: (text: string) => void;
    order: Order;
    onOrder: (order: Order) => void;
    showsPath: boolean;
    onShowsPath: (shows: boolean) => void;
    view: View;
    /** Undefined when nothing can be folded. */
    folds: { unfold: () => void; fold: () => void } | undefined;
  },
) => (
  <div class="timeline-tools">
    <TextInput type="search" value={text} onInput={onText} placeholder="Search tasks" aria-label="Search tasks" />
    <span class="timeline-space" />
    <Select
      value={order}
      onChange={(value) => onOrder(value as Order)}
      options={[["start", "By beginning"], ["task", "By task"]]}
      aria-label="Order"
    />
    {folds === undefined ? null : (
      <span class="timeline-buttons">
        <Button onClick={folds.unfold}>Unfold all</Button>
        <Button onClick={folds.fold}>Fold all</Button>
      </span>
    )}
    <span title="The chain of task runs that determined the end">
      <Switch label="Critical path" on={showsPath} onChange={onShowsPath} />
    </span>
    <span class="timeline-buttons" role="group" aria-label="Zoom">
      <Button title="Farther" onClick={() => view.zoom(1 / 1.6)} disabled={view.isFit}>−</Button>
      <Button title="Nearer" onClick={() => view.zoom(1.6)}>+</Button>
      <Button onClick={view.fit} disabled={view.isFit}>Fit</Button>
    </span>
  </div>
);
