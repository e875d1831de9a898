/**
 * What an attempt printed, as a terminal would show it: in order, with its colours, at its end while it goes on.
 *
 * @module
 */

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { ansiLines, lookClasses, type Stretch } from "../../ansi.ts";
import { api } from "../../api.ts";
import { useLive } from "../../live/use_live.ts";
import { Button } from "../controls.tsx";
import { Card, Empty, Shown } from "../layout.tsx";

/** So many last records are shown. */
const TAIL = 2000;
/** So near the end, in pixels, is at the end. */
const NEAR = 40;

/** See the module's comment. */
export function ConsoleCard({ flowRunId: id, attempt }: { flowRunId: string; attempt: number }) {
  const live = useLive(
    `console ${id} ${attempt}`,
    (signal) => api.flowRuns.console(id, { attempt, tail: TAIL }, signal),
    (change) => change.kind === "logs" && change.flow_run_id === id,
  );
  return (
    <Card
      title={`Console of attempt ${attempt}`}
      actions={<a href={`/api/flow_runs/${id}/console?attempt=${attempt}`} target="_blank" rel="noopener">Raw text</a>}
    >
      <Shown live={live}>
        {(text) => text === "" ? <Empty title="It printed nothing." /> : <Screen text={text} />}
      </Shown>
    </Card>
  );
}

function Screen({ text }: { text: string }) {
  const ref = useRef<HTMLPreElement>(null);
  // Whoever reads above the end is left there.
  const follows = useRef(true);
  const lines = useMemo(() => ansiLines(text), [text]);
  useLayoutEffect(() => {
    const box = ref.current!;
    if (follows.current) box.scrollTop = box.scrollHeight;
  }, [text]);
  return (
    <>
      <pre
        ref={ref}
        class="console"
        tabIndex={0}
        role="region"
        aria-label="Console"
        onScroll={({ currentTarget: box }) => {
          follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
        }}
      >
        {lines.map((pieces, i) => <div key={i}>{pieces.length === 0 ? "\u200b" : pieces.map(shown)}</div>)}
      </pre>
      {lines.length < TAIL ? null : (
        <p class="quiet">
          The last {TAIL} records are shown; all of them are in the raw text.{" "}
          <Button kind="quiet" onClick={() => ref.current?.scrollTo({ top: 0 })}>To the first of them</Button>
        </p>
      )}
    </>
  );
}

function shown({ text, look }: Stretch, i: number) {
  return look === undefined ? text : <span key={i} class={lookClasses(look)}>{text}</span>;
}
