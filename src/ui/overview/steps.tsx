/**
 * The way to a first run: three commands that tick off as they are done.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import type { Overview } from "../../domain/overview.ts";
import { Button, Copy } from "../components/controls.tsx";
import { Card } from "../components/layout.tsx";
import { Icon } from "../components/text.tsx";

/** See the module's comment. @param onDone Somebody has seen enough. */
export function Steps({ begun: { deployment, agent, run }, onDone }: { begun: Overview["begun"]; onDone: () => void }) {
  const isDone = run !== null;
  return (
    <Card wide title={isDone ? "That was it: your first run" : "Three steps to your first run"}>
      <ol class="overview-steps">
        <Step
          done={deployment !== null}
          title="Write a flow and make it a deployment"
          commands={["flowctl init", "flowctl deployment create ./example-deployment.ts"]}
        >
          {deployment === null ? "The first command writes an example to begin with." : (
            <>
              There is <code>{deployment}</code>.
            </>
          )}
        </Step>
        <Step done={agent} title="Start an agent" commands={["flowctl agent start"]}>
          {agent ? "One lives and waits for work." : "It takes runs and starts their containers."}
        </Step>
        <Step done={isDone} title="Run it" commands={[`flowctl deployment run ${deployment ?? "my-flow/example"}`]}>
          {run === null ? "Watch it come to life here." : (
            <>
              <a href={`/flow-runs/${run.id}`}>{run.name}</a> {run.state_type === "COMPLETED"
                ? "completed. Well done."
                : `is ${run.state_type.toLowerCase()}: its page says why.`}
            </>
          )}
        </Step>
      </ol>
      {isDone ? <Button kind="primary" onClick={onDone}>Show the overview</Button> : null}
    </Card>
  );
}

const Step = (
  { done, title, commands, children }: {
    done: boolean;
    title: string;
    commands: readonly string[];
    children: ComponentChildren;
  },
) => (
  <li class={done ? "overview-step overview-step-done" : "overview-step"}>
    <span class="overview-step-mark" aria-hidden="true">{done ? <Icon name="check" size={14} /> : null}</span>
    <div>
      <h3>{title}{done ? <span class="only-read">, done</span> : null}</h3>
      <p class="quiet" aria-live="polite">{children}</p>
      {done ? null : commands.map((command) => (
        <div key={command} class="step-command">
          <Copy text={command} />
        </div>
      ))}
    </div>
  </li>
);
