/**
 * The keys of the viewer, those of pagers and of lists alike.
 *
 * @module
 */

/** What keys do. */
export interface KeyActions {
  move: (way: 1 | -1, extend: boolean) => void;
  end: () => void;
  start: () => void;
  search: (way: 1 | -1) => void;
  copy: () => void;
  /** Opens or folds the current line. */
  open: () => void;
  /** No line is the current one any more. */
  leave: () => void;
}

/** What a key does; undefined for keys that are the browser's. */
export function actionOf(key: string, shift: boolean, actions: KeyActions): (() => void) | undefined {
  switch (key) {
    case "j":
    case "J":
    case "ArrowDown":
      return () => actions.move(1, shift);
    case "k":
    case "K":
    case "ArrowUp":
      return () => actions.move(-1, shift);
    case "g":
    case "Home":
      return actions.start;
    case "G":
    case "End":
      return actions.end;
    case "n":
      return () => actions.search(1);
    case "N":
      return () => actions.search(-1);
    case "c":
      return actions.copy;
    case "Enter":
    case "o":
      return actions.open;
    case "Escape":
      return actions.leave;
  }
}

/** Does what a key means, unless it belongs to something within the list or to the browser. */
export function logKey(event: KeyboardEvent, actions: KeyActions): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.target !== event.currentTarget) return;
  const action = actionOf(event.key, event.shiftKey, actions);
  if (action === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}
