/**
 * What is below the lines: which keys there are, and downloads.
 *
 * @module
 */

import { Icon } from "../text.tsx";

/** See the module's comment. @param download The address of a file with the lines that are chosen */
export const LogFooter = ({ download }: { download: (format: "text" | "jsonl") => string }) => (
  <footer class="log-footer">
    <p class="log-keys">
      {KEYS.map(([keys, what]) => (
        <span key={what}>
          {keys.map((key) => <kbd key={key}>{key}</kbd>)} {what}
        </span>
      ))}
    </p>
    <a class="button button-plain" href={download("text")} download title="Download these lines as text">
      <Icon name="download" />Text
    </a>
    <a class="button button-plain" href={download("jsonl")} download title="Download these lines as JSON Lines">
      <Icon name="download" />JSON
    </a>
  </footer>
);

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["j", "k"], "line"],
  [["g", "G"], "start, end"],
  [["n", "N"], "match"],
  [["Enter"], "unfold"],
  [["c"], "copy"],
];
