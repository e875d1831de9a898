/**
 * Says which keys there are.
 *
 * @module
 */

/** See the module's comment. */
export const LogKeys = () => (
  <p class="log-keys">
    {KEYS.map(([keys, what]) => (
      <span key={what}>
        {keys.map((key) => <kbd key={key}>{key}</kbd>)} {what}
      </span>
    ))}
  </p>
);

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["j", "k"], "line"],
  [["g", "G"], "start, end"],
  [["n", "N"], "match"],
  [["Enter"], "unfold"],
  [["c"], "copy"],
];
