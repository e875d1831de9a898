/**
 * What long lists of runs are walked by: a state's, a flow's or a deployment's runs in the order of their expected start. The first also
 * counts, without reading a run, how many of a flow or a deployment came to what, and when.
 *
 * Lately cancelled runs have one of their own: after each cancellation what belongs to them is looked for.
 *
 * A run has no expected start until its first state, with which it enters these indexes: once, and not with nothing before.
 *
 * @module
 */

/** See the module's comment. */
export const runLists = `
CREATE INDEX flow_run_by_state_and_time ON flow_run (state_type, expected_start_time, id, flow_id, deployment_id)
  WHERE expected_start_time IS NOT NULL;
CREATE INDEX flow_run_by_flow_and_time ON flow_run (flow_id, expected_start_time, id) WHERE expected_start_time IS NOT NULL;
CREATE INDEX flow_run_by_deployment_and_time ON flow_run (deployment_id, expected_start_time, id)
  WHERE deployment_id IS NOT NULL AND expected_start_time IS NOT NULL;
CREATE INDEX flow_run_cancelled ON flow_run (state_timestamp) WHERE state_type = 'CANCELLED';
`;
