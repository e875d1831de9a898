/**
 * What agents tell of their engine, and which runs an agent held.
 *
 * @module
 */

/** `agent.engine` is JSON, see `AgentEngine`; NULL for an agent without an engine, and of an older version. */
export const agentEngine = `
ALTER TABLE agent ADD COLUMN engine TEXT;
CREATE INDEX flow_run_by_agent ON flow_run (agent_id, id) WHERE agent_id IS NOT NULL;
`;
