/**
 * What an edit changes of a deployment. Pure.
 *
 * @module
 */

import type { Deployment, DeploymentUpdate } from "../../../domain/deployments.ts";
import { type JsonMap, same } from "../../forms/json.ts";

/** What is in the controls. */
export interface DeploymentEdit {
  description: string;
  /** Between commas. */
  tags: string;
  /** Between commas. */
  labels: string;
  queue: string;
  enforce: boolean;
  parameters: JsonMap;
}

/** Words between commas, each once. */
export const wordsOf = (
  text: string,
): string[] => [...new Set(text.split(",").map((word) => word.trim()).filter(Boolean))];

/** Only what is another than before: so two people who change different things do not undo each other's. */
export function changesOf(before: Deployment, edit: DeploymentEdit): DeploymentUpdate {
  const [tags, labels] = [wordsOf(edit.tags), wordsOf(edit.labels).sort()];
  return {
    ...edit.description === (before.description ?? "") ? {} : { description: edit.description || null },
    ...same(tags, before.tags) ? {} : { tags },
    ...same(labels, [...before.labels].sort()) ? {} : { labels },
    ...edit.queue.trim() === (before.work_queue_name ?? "") ? {} : { work_queue_name: edit.queue.trim() || null },
    ...edit.enforce === before.enforce_parameter_schema ? {} : { enforce_parameter_schema: edit.enforce },
    ...same(edit.parameters, before.parameters) ? {} : { parameters: edit.parameters },
  };
}
