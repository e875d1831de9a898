/**
 * Where flowctl answers otherwise than Prefect 2.20 on purpose. The same list, for readers, ends `.github/ARCHITECTURE.md`.
 *
 * @module
 */

/** One difference: which exchanges, where in the answer (or what was said), and why. */
export interface Known {
  what: RegExp;
  at: RegExp;
  /** What Prefect and flowctl said, as `Prefect | flowctl` in JSON; any when absent. */
  said?: RegExp;
  reason: string;
}

/** See the module's comment. */
export const KNOWN: readonly Known[] = [
  {
    what: /unknown key|unknown details|unknown input|bogus|run_count|change the name$|^name$|what cannot be changed/,
    at: /^status$/,
    said: /extra fields not permitted.*\| "20[0-4]/,
    reason: "Unknown keys of create and update bodies are ignored, so that newer clients can talk to older servers",
  },
  {
    what: /null/i,
    at: /^status$/,
    said: /none is not an allowed value.*\| "20[0-4]/,
    reason: "Null counts as absent everywhere, not only at the top of filters",
  },
  {
    what: /other content type/,
    at: /^status$/,
    reason: "Bodies that are not declared as JSON are 415: a page elsewhere could send them without asking the browser",
  },
  {
    what: /^name "/,
    at: /^status$/,
    said: /^"500/,
    reason: "A deployment's name with a character that addresses do not allow is 422; Prefect fails with 500",
  },
  {
    what: /timed out/,
    at: /state\.message$/,
    said: /never resumed/,
    reason: "The message of a pause that timed out names what the run was (paused); Prefect names what was proposed",
  },
  {
    what: /PAUSED|pause/,
    at: /reason$/,
    said: /StateType\./,
    reason: "Reasons name a state's type; Prefect's show a Python enumeration (StateType.PENDING)",
  },
  {
    what: /PAUSED|pause|suspend/,
    at: /resuming$/,
    reason: "A refused resumption leaves the run's policy as it is; Prefect marks the run as resuming",
  },
  {
    what: /with two$/,
    at: /^status$/,
    reason: "A deployment with several schedules can be paused and resumed by every route; Prefect's is 422",
  },
  {
    what: /^task_runs (count )?expected_start_time/,
    at: /^status$/,
    reason: "Task runs are filtered by expected_start_time too",
  },
  {
    what: /page|level (that is a number in a text|with a fraction)|number for/,
    at: /^status$/,
    said: /\| "422/,
    reason: "Types are strict: no text or fraction stands for a whole number, no list for an object",
  },
  {
    what: /filter that is a list/,
    at: /^status$/,
    said: /\| "422/,
    reason: "Types are strict: no text or fraction stands for a whole number, no list for an object",
  },
  {
    what: /./,
    at: /tags\.(length|\d+)$/,
    reason: "Doubles among tags are dropped",
  },
  {
    what: /./,
    at: /retry_delay$/,
    said: /\| \d+\.\d+$/,
    reason: "Delays of flow retries keep their fraction",
  },
  {
    what: /flow_run_id \{"is_null_":false\}/,
    at: /^body/,
    reason: "flow_run_id: {is_null_: false} on task runs means that there is one; Prefect takes it for no filter",
  },
  {
    what: /data (5|6|7|8|9|10|11)\b/,
    at: /./,
    reason: "A state's data is any JSON and kept as it is; Prefect fails on what is no object, or stores {} instead",
  },
];
