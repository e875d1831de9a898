/**
 * Waiting for work that others wait for too, or that can't be stopped: an abort ends the waiting and not the work.
 *
 * @module
 */

/**
 * What comes of the work; undefined as soon as the signal is aborted. What the work comes to after that is nobody's business, its
 * failure included.
 */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([
      work,
      new Promise<undefined>((resolve) => {
        if (signal.aborted) return resolve(undefined);
        signal.addEventListener("abort", () => resolve(undefined), { once: true, signal: done.signal });
      }),
    ]);
  } finally {
    done.abort();
  }
}

/** What comes of work that others may wait for too. @throws the signal's reason as soon as it is aborted */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const first = await orAborted(work.then((value) => ({ value })), signal);
  if (first === undefined) throw signal.reason;
  return first.value;
}
