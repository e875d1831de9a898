/**
 * Where rows of a long list stand when only those in view are drawn: heights are guessed until they were seen.
 *
 * Sums are kept in a Fenwick tree: a row that turns out to be higher moves a hundred thousand others in seventeen steps.
 *
 * @module
 */

/** See the module's comment. Rows are told apart by their ids, so that their heights outlive lines that come in between. */
export class RowHeights {
  readonly #seen = new Map<string, number>();
  #rows: readonly { id: string }[] = [];
  #sizes: Float64Array = new Float64Array(0);
  #tree: Float64Array = new Float64Array(1);
  #top = 1;
  #guess: (index: number) => number = () => 0;

  /** The rows, in order. */
  set(rows: readonly { id: string }[], guess: (index: number) => number, again = true): void {
    const [before, sizes] = [this.#rows, this.#sizes];
    this.#rows = rows;
    this.#guess = guess;
    this.#sizes = new Float64Array(rows.length);
    // Pages and arrivals leave most rows beside each other: their heights are taken along as they are.
    let [from, to, at] = [0, 0, 0];
    if (!again && before.length > 0) {
      at = rows.findIndex(({ id }) => id === before[0].id);
      if (at < 0) {
        from = before.findIndex(({ id }) => id === rows[0]?.id);
        at = 0;
      }
      if (from >= 0) {
        const most = Math.min(before.length - from, rows.length - at);
        for (to = 0; to < most && before[from + to] === rows[at + to];) to++;
        this.#sizes.set(sizes.subarray(from, from + to), at);
      }
    }
    for (let i = 0; i < rows.length; i++) {
      if (i >= at && i < at + to) i = at + to;
      if (i < rows.length) this.#sizes[i] = this.#seen.get(rows[i].id) ?? guess(i);
    }
    this.#build();
  }

  /** Forgets what was seen: the width or the letters are others. */
  forget(): void {
    this.#seen.clear();
    this.set(this.#rows, this.#guess);
  }

  /** What was seen. @param first The index of the first of them. Answers whether anything moved. */
  measure(first: number, heights: readonly number[]): boolean {
    let moved = false;
    heights.forEach((height, i) => {
      const index = first + i;
      if (index >= this.#rows.length || height <= 0) return;
      this.#seen.set(this.#rows[index].id, height);
      const by = height - this.#sizes[index];
      if (by === 0) return;
      moved = true;
      this.#sizes[index] = height;
      for (let at = index + 1; at < this.#tree.length; at += at & -at) this.#tree[at] += by;
    });
    return moved;
  }

  get total(): number {
    return this.top(this.#rows.length);
  }

  /** Where a row begins. */
  top(index: number): number {
    let sum = 0;
    for (let at = Math.max(0, Math.min(index, this.#rows.length)); at > 0; at -= at & -at) sum += this.#tree[at];
    return sum;
  }

  /** The row at a height. */
  at(y: number): number {
    let [index, left] = [0, y];
    for (let step = this.#top; step > 0; step >>= 1) {
      if (index + step < this.#tree.length && this.#tree[index + step] <= left) {
        index += step;
        left -= this.#tree[index];
      }
    }
    return Math.max(0, Math.min(index, this.#rows.length - 1));
  }

  /** The rows from one height to another, and some before and after: `[first, end)`. */
  between(from: number, to: number, spare: number): [first: number, end: number] {
    if (this.#rows.length === 0) return [0, 0];
    return [Math.max(0, this.at(from) - spare), Math.min(this.#rows.length, this.at(to) + 1 + spare)];
  }

  #build(): void {
    const count = this.#sizes.length;
    const tree = this.#tree = new Float64Array(count + 1);
    for (let i = 1; i <= count; i++) {
      tree[i] += this.#sizes[i - 1];
      const above = i + (i & -i);
      if (above <= count) tree[above] += tree[i];
    }
    this.#top = 2 ** Math.floor(Math.log2(Math.max(1, count)));
  }
}
