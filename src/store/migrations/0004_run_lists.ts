/**
 * What long lists of runs are walked by: a state's, a flow's or a deployment's runs in the order of their expected start.
 * The first also counts, without reading a run, how many of a flow, a project or a deployment came to what, and when.
 *
 * @module
 */

/** See the module's comment. */
export const runLists = `
CREATE INDEX flow_run_by_state_and_time ON flow_run (state_type, expected_start_time, id, flow_id, deployment_id);
CREATE INDEX flow_run_by_flow_and_time ON flow_run (flow_id, expected_start_time, id);
CREATE INDEX flow_run_by_deployment_and_time ON flow_run (deployment_id, expected_start_time, id);
`;
