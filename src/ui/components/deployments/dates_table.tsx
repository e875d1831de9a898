/**
 * Coming dates, on the viewer's clock and on another one beside it.
 *
 * @module
 */

import { Time } from "../text.tsx";
import { datesIn, viewerZone } from "./dates.ts";

/** See the module's comment. @param zone The schedule's. */
export function DatesTable({ dates, zone, label }: { dates: readonly string[]; zone: string; label: string }) {
  const own = viewerZone();
  const here = datesIn(dates, own);
  const there = datesIn(dates, zone);
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={label}>
      <table class="schedule-dates">
        <thead>
          <tr>
            <th scope="col">In</th>
            <th scope="col">{own === zone ? own : `Your clock: ${own}`}</th>
            {own === zone ? null : <th scope="col">Its clock: {zone}</th>}
          </tr>
        </thead>
        <tbody>
          {dates.map((date, i) => (
            <tr key={date}>
              <td class="number">
                <Time at={date} />
              </td>
              <td class="number">
                {here[i].text} {here[i].changed && own === zone ? <span class="chip">clocks change</span> : null}
              </td>
              {own === zone ? null : (
                <td class="number">
                  {there[i].text} {there[i].changed ? <span class="chip">clocks change</span> : null}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
