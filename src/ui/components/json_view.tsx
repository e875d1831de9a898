/**
 * JSON, to be read and copied.
 *
 * @module
 */

import { jsonText, jsonWords, MOST_JSON } from "../json_text.ts";
import { Button } from "./controls.tsx";
import { toast } from "./overlays.tsx";

/** See the module's comment. @param label What it is, for screen readers. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const { text, isCut } = jsonText(value);
  return (
    <div class="json">
      <div class="json-copy">
        <Button
          kind="quiet"
          icon="copy"
          title={`Copy ${label}`}
          onClick={async () => {
            await navigator.clipboard.writeText(jsonText(value, Infinity).text);
            toast("Copied");
          }}
        />
      </div>
      <pre tabIndex={0} role="region" aria-label={label}>
        {jsonWords(text).map(({ kind, text }, i) =>
          kind === "mark" ? text : <span key={i} class={`json-${kind}`}>{text}</span>
        )}
      </pre>
      {isCut
        ? <p class="quiet">Only the first {MOST_JSON / 1000} thousand characters are shown; copying takes all.</p>
        : null}
    </div>
  );
}
