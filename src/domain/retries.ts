/**
 * Prefect's older keys of retry policies.
 *
 * @module
 */

interface Policy {
  max_retries: number;
  retry_delay_seconds: number;
  retries: number | null;
  retry_delay: number | number[] | null;
}

/** `retries` and `retry_delay` take over what was said by their older names, as Prefect 2.20 does when it reads a policy. */
export const filledFromOldKeys = <P extends Policy>(policy: P): P => ({
  ...policy,
  retries: policy.retries ?? (policy.max_retries || null),
  retry_delay: policy.retry_delay ?? (policy.retry_delay_seconds || null),
});
