/**
 * An index for counting runs by state and time without reading them: 233,000 runs in 20 ms instead of 190 ms, those of one flow or
 * project in 40; a question blocks whatever else the server does. It takes 91 bytes for each run.
 *
 * Its first column is an expression so that no other question is tempted to use it: lists that filter by state would sort.
 *
 * @module
 */

/** See the module's comment. */
export const overview = `
CREATE INDEX flow_run_by_type_and_time ON flow_run
  (ifnull(state_type, ''), expected_start_time, flow_id, deployment_id);
`;
