/**
 * How cron expressions are written, with examples that one can take.
 *
 * @module
 */

import { scheduleWords } from "../../schedule_words.ts";

const EXAMPLES = [
  "*/15 * * * *",
  "0 * * * *",
  "0 9 * * *",
  "30 7 * * mon-fri",
  "0 0 1 * *",
  "0 9 * * fri#1",
  "0 18 L * *",
];

const FIELDS = [
  ["minute", "0-59"],
  ["hour", "0-23"],
  ["day", "1-31, L for the last, 15W for the nearest working day"],
  ["month", "1-12 or jan-dec"],
  ["weekday", "0-6 or sun-sat, fri#2 for the second, L5 for the last Friday"],
] as const;

/** See the module's comment. */
export const CronHelp = ({ onChoose }: { onChoose: (cron: string) => void }) => (
  <details class="form-help">
    <summary>How to write it</summary>
    <table class="help-table">
      <tbody>
        {FIELDS.map(([name, values]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{values}</td>
          </tr>
        ))}
      </tbody>
    </table>
    <p class="hint">
      <code>*</code> is every, <code>*/5</code> every fifth, <code>1-5</code> a range, <code>1,3</code>{" "}
      a list. A sixth field is the second.
    </p>
    <ul class="bare-list">
      {EXAMPLES.map((cron) => (
        <li key={cron}>
          <button type="button" class="button button-quiet" onClick={() => onChoose(cron)}>
            <code>{cron}</code> {scheduleWords({ cron, timezone: null, day_or: true })}
          </button>
        </li>
      ))}
    </ul>
  </details>
);
