/** Room for the graph. @module */

/** See the module's comment. */
export const Graph = ({ flowRunId }: { flowRunId: string }) => <p class="quiet">Graph of {flowRunId}</p>;
