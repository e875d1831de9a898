/**
 * A figure beside its reference of the same run and its budget.
 *
 * @module
 */

/** One row of the report. */
export interface Figure {
  what: string;
  unit: string;
  value: number;
  /** The same machine, minute and measure, without flowctl. */
  reference?: { what: string; value: number };
  /** `atMost` or `atLeast`, in the unit. */
  budget: { atMost?: number; atLeast?: number };
}

/** Whether a figure is within its budget. */
export const isWithin = ({ value, budget }: Figure): boolean =>
  value <= (budget.atMost ?? Infinity) && value >= (budget.atLeast ?? -Infinity);

const number = (value: number) => value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);

/** The report as aligned text. */
export function table(figures: Figure[]): string {
  const rows = figures.map((figure) => [
    isWithin(figure) ? "ok" : "OVER",
    figure.what,
    `${number(figure.value)} ${figure.unit}`,
    figure.budget.atMost !== undefined ? `≤ ${number(figure.budget.atMost)}` : `≥ ${number(figure.budget.atLeast!)}`,
    figure.reference ? `${figure.reference.what}: ${number(figure.reference.value)}` : "",
  ]);
  const all = [["", "what", "measured", "budget", "reference"], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()).join("\n");
}

/** The middle of several measurements. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
