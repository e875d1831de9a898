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
    what: /^task_runs (count )?expected_start_time/,
    at: /^status$/,
    reason: "Task runs are filtered by expected_start_time too",
  },
  {
    what: /./,
    at: /^status$/,
    said: /extra fields not permitted.*\| "20[0-4]/,
    reason: "Unknown keys of create and update bodies are ignored, so that newer clients can talk to older servers",
  },
  {
    what: /null/i,
    at: /^status$/,
    said: /(none is not an allowed value|Data integrity conflict).*\| "20[0-4]/,
    reason: "Null counts as absent wherever there is nothing to take away, not only at the top of filters",
  },
  {
    what: /other content type/,
    at: /^status$/,
    reason: "Bodies that are not declared as JSON are 415: a page elsewhere could send them without asking the browser",
  },
  {
    what: /./,
    at: /^status$/,
    said: /^"500/,
    reason: "Where Prefect fails with 500, flowctl says what is wrong (404, 422) or does it",
  },
  {
    what: /timed out/,
    at: /(state\.message|details\.reason)$/,
    reason: "What is said of a pause that timed out names what the run was (paused); Prefect names what was proposed",
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
    what:
      /page|level (that is a number|with a fraction)|number for|that is a list|that are a list|force that is a text/,
    at: /^status$/,
    said: /^"20.*\| "422/,
    reason:
      "Types are strict: no text or fraction stands for a whole number, no list for an object, no word for a flag",
  },
  {
    what: /./,
    at: /tags\.(length|\d+)$/,
    reason: "Doubles among tags are dropped",
  },
  {
    what: /./,
    at: /retry_delay(\.\d+)?$/,
    said: /\| \d+\.\d+$/,
    reason: "Delays of retries keep their fraction",
  },
  {
    what: /flow_run_id \{"is_null_":false\}/,
    at: /^body/,
    reason: "flow_run_id: {is_null_: false} on task runs means that there is one; Prefect takes it for no filter",
  },
  {
    what: /./,
    at: /^body\.detail$/,
    reason: "The sentences of errors are flowctl's own where no client reads them",
  },
  {
    what: /both kinds of variables, different|^parameters that do not fit$|a schema that is none/,
    at: /./,
    reason: "The sentences of errors are flowctl's own where no client reads them",
  },
  {
    what: /empty name|"": |""$|negative retries/,
    at: /^status$/,
    said: /^"20.*\| "422/,
    reason: "Empty names and negative numbers of retries are 422",
  },
  {
    what: /./,
    at: /^body\.name$/,
    said: /^"[a-z]+-[a-z]+" \| "add-\d"$/,
    reason: "A task run without a name is named after its keys (add-0) and not after an animal",
  },
  {
    what: /./,
    at: /schedules\.0\.active$/,
    said: /^false \| true$/,
    reason: "Pausing a deployment leaves the flags of its schedules as they are, so that resuming restores what was",
  },
  {
    what: /schedules that are inactive/,
    at: /(max_active_runs|max_scheduled_runs|catchup)$/,
    reason: "The limits of a schedule are kept when a deployment is created; Prefect forgets them",
  },
  {
    what: /unknown (infrastructure|storage)|queue without a pool|work queue check|graph/,
    at: /./,
    reason: "Blocks, work pools and the routes of Prefect's own page are not there yet",
  },
  {
    what: /run without body/,
    at: /^status$/,
    reason: "A deployment is run without a body too",
  },
  {
    what: /^(changed|changed again|one left)$/,
    at: /^body\.length$/,
    reason: "Unknown keys of create and update bodies are ignored, so that newer clients can talk to older servers",
  },
  {
    what: /schedule nobody/,
    at: /^status$/,
    reason: "Scheduling a deployment that does not exist is 404",
  },
  {
    what: /interval in a zone: dates/,
    at: /^body\.\d+$/,
    reason:
      "An interval of days keeps its anchor's local hour; Prefect's depends on the season in which it began to count",
  },
  {
    what: /id (without dashes|in braces)/,
    at: /^status$/,
    reason: "Ids are written with dashes",
  },
  {
    what: /forced (to completed|data 2)/,
    at: /data\.value$/,
    reason: "The result of a run that was forced from FAILED to COMPLETED is unknown and has no value, not even null",
  },
  {
    what: /data (5|6|7|8|9|10|11)\b/,
    at: /./,
    reason: "A state's data is any JSON and kept as it is; Prefect fails on what is no object, or stores {} instead",
  },
];
