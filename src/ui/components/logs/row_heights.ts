/**
 * Where rows of a long list stand when only those in view are drawn: heights are guessed until they were seen.
 *
 * @module
 */

/** See the module's comment. Rows are told apart by their keys, so that their heights outlive lines that come in between. */
export class RowHeights {
  readonly #known = new Map<string, number>();
  #keys: readonly string[] = [];
  /** Where each row begins, and the end of all. */
  #tops: Float64Array = new Float64Array(1);
  #guess: (index: number) => number = () => 0;

  /** The rows, in order. */
  set(keys: readonly string[], guess: (index: number) => number): void {
    this.#keys = keys;
    this.#guess = guess;
    this.#lay();
  }

  /** Forgets what was seen: the width or the letters are others. */
  forget(): void {
    this.#known.clear();
    this.#lay();
  }

  /** What was seen. Answers whether anything moved. */
  measure(seen: readonly (readonly [key: string, height: number])[]): boolean {
    let moved = false;
    for (const [key, height] of seen) {
      if (this.#known.get(key) === height) continue;
      this.#known.set(key, height);
      moved = true;
    }
    if (moved) this.#lay();
    return moved;
  }

  get total(): number {
    return this.#tops[this.#keys.length];
  }

  /** Where a row begins. */
  top(index: number): number {
    return this.#tops[Math.max(0, Math.min(index, this.#keys.length))];
  }

  /** The row at a height. */
  at(y: number): number {
    let [low, high] = [0, Math.max(0, this.#keys.length - 1)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#tops[middle] <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The rows from one height to another, and some before and after: `[first, end)`. */
  between(from: number, to: number, spare: number): [first: number, end: number] {
    if (this.#keys.length === 0) return [0, 0];
    return [Math.max(0, this.at(from) - spare), Math.min(this.#keys.length, this.at(to) + 1 + spare)];
  }

  #lay(): void {
    const tops = new Float64Array(this.#keys.length + 1);
    for (let i = 0; i < this.#keys.length; i++) {
      tops[i + 1] = tops[i] + (this.#known.get(this.#keys[i]) ?? this.#guess(i));
    }
    this.#tops = tops;
  }
}
