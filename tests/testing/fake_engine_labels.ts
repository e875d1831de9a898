/**
 * Labels in the fake engine: filtering by them, and reading them from an import's changes.
 *
 * @module
 */

/** Whether labels are as a filter wants them: `name` or `name=value`, all of them. */
export function matchesLabels(labels: Record<string, string> = {}, wanted: string[] = []): boolean {
  return wanted.every((label) => {
    const [name, ...value] = label.split("=");
    return name in labels && (value.length === 0 || labels[name] === value.join("="));
  });
}

/** `LABEL a=b` of an import's changes. */
export function labelsIn(changes: string[]): Record<string, string> {
  const labels = changes.flatMap((change) =>
    /^LABEL\s+"?([^="\s]+)"?="?([^"]*)"?$/.exec(change)?.slice(1, 3) as [string, string] ?? []
  );
  const pairs: [string, string][] = [];
  for (let i = 0; i < labels.length; i += 2) pairs.push([labels[i], labels[i + 1]]);
  return Object.fromEntries(pairs);
}
