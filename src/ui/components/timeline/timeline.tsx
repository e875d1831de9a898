/** Room for the timeline. @module */

/** See the module's comment. */
export const Timeline = ({ flowRunId }: { flowRunId: string }) => <p class="quiet">Timeline of {flowRunId}</p>;
