/**
 * The drawings of icons: paths in a field of 16 by 16, stroked.
 *
 * @module
 */

/** By name. */
export const ICONS: Record<string, string> = {
  dot: "M8 8h.01",
  overview: "M2 13V8M6 13V3M10 13V6M14 13v-3",
  runs: "M5 3l8 5-8 5z",
  flows: "M3 4h4v3H3zM9 9h4v3H9zM7 5.5h4V9",
  deployments: "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
  agents: "M4 6h8v7H4zM8 6V3M6.5 9h.01M9.5 9h.01",
  projects: "M2 4h4l1.5 2H14v7H2z",
  tokens: "M6 10a3 3 0 1 1 2.6-1.5L14 14M11.5 11.5L13 10",
  settings:
    "M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M3.4 12.6l1.4-1.4M11.2 4.8l1.4-1.4",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM11 11l3 3",
  copy: "M5 5h8v9H5zM3 11V2h8",
  check: "M3 8.5l3.5 3.5L13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  warning: "M8 2l6.5 11.5h-13zM8 6.5v3M8 11.5h.01",
  chevron: "M6 3l5 5-5 5",
  down: "M3 6l5 5 5-5",
  up: "M3 10l5-5 5 5",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z",
  menu: "M2 4h12M2 8h12M2 12h12",
  plus: "M8 3v10M3 8h10",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.5l2 1.5",
  again: "M13 8a5 5 0 1 1-1.5-3.5M13 2v3h-3",
  stop: "M4 4h8v8H4z",
  download: "M8 2v8M5 7l3 3 3-3M3 13h10",
  link: "M7 9a2.5 2.5 0 0 0 3.5 0l2-2A2.5 2.5 0 0 0 9 3.5l-1 1M9 7a2.5 2.5 0 0 0-3.5 0l-2 2A2.5 2.5 0 0 0 7 12.5l1-1",
  pause: "M5 3v10M11 3v10",
  play: "M5 3l8 5-8 5z",
  edit: "M3 13l1-3 7-7 2 2-7 7zM10 4l2 2",
  trash: "M3 4h10M6 4V2.5h4V4M4.5 4l.5 9.5h6l.5-9.5",
  label: "M2 2h6l6 6-6 6-6-6zM5 5h.01",
  box: "M8 2l6 3v6l-6 3-6-3V5zM2 5l6 3 6-3M8 8v6",
  graph: "M3 3h3v3H3zM10 6.5h3v3h-3zM3 10h3v3H3zM6 4.5l4 3M6 11.5l4-3",
  log: "M3 3h10M3 6h7M3 9h10M3 12h5",
};
