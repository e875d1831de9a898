/**
 * Stacked bars on a canvas. The only importer of `uplot`, which pages that draw load with their own chunk.
 *
 * Bars have numbers and not times: a chart says what stands under them. Colours are read from the page's tokens whenever it draws, so
 * that light and dark are a new drawing of the same chart.
 *
 * @module
 */

import uPlot from "uplot";
import { shortNumber } from "./intervals.ts";

/** What is drawn. */
export interface BarsData {
  /** For each layer from the ground up, how high it and those below it reach, by bar. */
  heights: readonly (readonly number[])[];
  /** What is written under the left edge of bars, by their numbers. */
  ticks: ReadonlyMap<number, string>;
}

/** See {@link drawBars}. */
export interface BarsOptions {
  /** Names of tokens by layer, e.g. `--completed`. */
  colours: readonly string[];
  height: number;
  /** The pointer is over a bar, whose middle is so far from the left; undefined when it left. */
  onHover: (bar: number | undefined, left: number) => void;
  /** Bars were dragged over. */
  onSelect: (first: number, last: number) => void;
  /** A bar was clicked. */
  onClick: (bar: number) => void;
}

/** A chart that is drawn. */
export interface Bars {
  draw(data: BarsData): void;
  /** Where a bar is: the distance of its middle from the left, in pixels. */
  middle(bar: number): number;
  /** Marks bars from one to another as chosen; undefined takes the mark away. */
  mark(bars: readonly [first: number, last: number] | undefined): void;
  destroy(): void;
}

/** Draws into an element, whose width it takes and follows. */
export function drawBars(element: HTMLElement, options: BarsOptions): Bars {
  const { colours, height, onHover, onSelect, onClick } = options;
  let data: BarsData = { heights: colours.map(() => []), ticks: new Map() };
  const bars = () => data.heights[0]?.length ?? 0;
  const colour = colourReader(element);
  const within = (bar: number) => Math.max(0, Math.min(bars() - 1, Math.round(bar)));

  // A layer is drawn from the one below it up, and not from the ground: edges would shine through what covers it.
  const stacked = uPlot.paths.bars!({
    size: [0.86, 64],
    disp: {
      y0: { unit: 1, values: (_, layer) => [...data.heights[layer - 2] ?? data.heights[0].map(() => 0)] },
      y1: { unit: 1, values: (_, layer) => [...data.heights[layer - 1]] },
    },
  });
  const chart = new uPlot(
    {
      width: Math.max(100, element.clientWidth),
      height,
      legend: { show: false },
      padding: [8, 8, 0, 0],
      scales: {
        x: { time: false, range: () => [-0.5, Math.max(1, bars()) - 0.5] },
        y: { range: (_, __, most) => [0, Math.max(1, most ?? 1)] },
      },
      axes: [
        {
          stroke: () => colour("--quiet"),
          grid: { show: false },
          ticks: { stroke: () => colour("--line"), width: 1, size: 4 },
          font: "12px system-ui, sans-serif",
          size: 28,
          gap: 4,
          splits: () => [...data.ticks.keys()].map((bar) => bar - 0.5),
          values: (_, splits) => splits.map((split) => data.ticks.get(split + 0.5) ?? ""),
        },
        {
          stroke: () => colour("--quiet"),
          grid: { stroke: () => colour("--line"), width: 1 },
          ticks: { show: false },
          font: "12px system-ui, sans-serif",
          size: 48,
          gap: 6,
          space: 36,
          incrs: INCREMENTS,
          values: (_, splits) => splits.map((value) => shortNumber(value)),
        },
      ],
      series: [
        {},
        ...colours.map((name) => ({ fill: () => colour(name), width: 0, points: { show: false }, paths: stacked })),
      ],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 6 },
      },
      hooks: {
        setCursor: [(chart) => {
          const { left = -1 } = chart.cursor;
          if (left < 0 || bars() === 0) return onHover(undefined, 0);
          const bar = within(chart.posToVal(left, "x"));
          onHover(bar, middle(bar));
        }],
        setSelect: [({ select }) => {
          if (select.width === 0) return;
          onSelect(within(chart.posToVal(select.left, "x")), within(chart.posToVal(select.left + select.width, "x")));
          mark(undefined);
        }],
      },
    },
    [[], ...colours.map(() => [])],
    element,
  );

  const middle = (bar: number) => chart.valToPos(bar, "x") + chart.over.offsetLeft;

  function mark(chosen: readonly [number, number] | undefined): void {
    const left = chosen === undefined ? 0 : chart.valToPos(Math.min(...chosen) - 0.5, "x");
    const width = chosen === undefined ? 0 : chart.valToPos(Math.max(...chosen) + 0.5, "x") - left;
    chart.setSelect({ left, width, top: 0, height: chosen === undefined ? 0 : chart.over.clientHeight }, false);
  }

  let pressedAt = 0;
  chart.over.addEventListener("mousedown", ({ clientX }) => pressedAt = clientX);
  chart.over.addEventListener("click", ({ clientX }) => {
    const { left = -1 } = chart.cursor;
    if (Math.abs(clientX - pressedAt) < 6 && left >= 0 && bars() > 0) onClick(within(chart.posToVal(left, "x")));
  });

  const repaint = () => chart.redraw(false, true);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", repaint);
  const theme = new MutationObserver(repaint);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
  const size = new ResizeObserver(() => {
    const width = element.clientWidth;
    if (width > 0 && width !== chart.width) chart.setSize({ width, height });
  });
  size.observe(element);

  return {
    draw(next) {
      data = next;
      chart.setData([next.heights[0].map((_, bar) => bar), ...next.heights.map((layer) => [...layer])]);
      // Labels may be others while the scales are the same.
      chart.redraw(true, true);
    },
    middle,
    mark,
    destroy() {
      scheme.removeEventListener("change", repaint);
      theme.disconnect();
      size.disconnect();
      chart.destroy();
    },
  };
}

/** Distances of lines: runs are whole. */
const INCREMENTS = Array.from({ length: 10 }, (_, i) => [1, 2, 5].map((one) => one * 10 ** i)).flat();

/** Reads what a token is now: its text may say one colour for light and one for dark, and only an element knows which. */
function colourReader(element: HTMLElement): (token: string) => string {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  return (token) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
}
