/** Room for the logs. @module */

/** See the module's comment. */
export const Logs = ({ flowRunId, taskRunId }: { flowRunId: string; taskRunId?: string }) => (
  <p class="quiet">Logs of {taskRunId ?? flowRunId}</p>
);
