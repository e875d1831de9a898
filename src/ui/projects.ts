/**
 * Projects on the page.
 *
 * @module
 */

import type { Db } from "../store/database.ts";
import { listProjects } from "../store/projects.ts";
import { type Html, html } from "./html.ts";

/** All projects (the first 200 by name) with how many flows each has. */
export async function projectsSection(read: Db): Promise<Html> {
  const rows = (await listProjects(read, {})).map(({ name, flow_count, description }) =>
    html`
      <tr>
        <td>${name}</td>
        <td>${flow_count} ${flow_count === 1 ? "flow" : "flows"}</td>
        <td>${description}</td>
      </tr>
    `
  );
  return html`
    <h2>Projects</h2>
    <table>
      <tbody>${rows}</tbody>
    </table>
  `;
}
