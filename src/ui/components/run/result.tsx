/**
 * What a run returned.
 *
 * @module
 */

import type { State } from "../../../domain/states.ts";
import { resultOf } from "../../run_words.ts";
import { JsonView } from "../json_view.tsx";
import { Card } from "../layout.tsx";

/** See the module's comment. */
export function ResultCard({ state }: { state: State | null }) {
  return (
    <Card title="Result">
      <Result state={state} />
    </Card>
  );
}

function Result({ state }: { state: State | null }) {
  if (state?.type !== "COMPLETED") {
    return <p class="quiet">There is none: only a run that is Completed returns something.</p>;
  }
  const result = resultOf(state.data);
  switch (result.kind) {
    case "none":
      return <p class="quiet">It returned nothing, or what it returned was not kept.</p>;
    case "value":
      return <JsonView label="the result" value={result.value} />;
    case "elsewhere":
      return (
        <>
          <p class="quiet">{result.text}</p>
          {result.data === undefined ? null : <JsonView label="what the state holds" value={result.data} />}
        </>
      );
  }
}
