/**
 * Moments between a schema's texts and a browser's controls. Pure but for the viewer's zone, which is the runtime's.
 *
 * @module
 */

const MOMENT = /^(\d{4}-\d\d-\d\d)[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)$/;
const two = (value: number): string => String(Math.abs(value)).padStart(2, "0");

/** A moment with an offset as `datetime-local` shows it, in the viewer's zone; undefined for what is no such moment. */
export function localTextOf(moment: string): string | undefined {
  if (!MOMENT.test(moment)) return undefined;
  const date = new Date(moment.replace(" ", "T").replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  if (Number.isNaN(date.getTime()) || date.getFullYear() < 1000 || date.getFullYear() > 9999) return undefined;
  return wallOf(date);
}

const wallOf = (date: Date): string =>
  `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}T` +
  `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;

/**
 * What `datetime-local` shows as a moment: the viewer's wall clock with the offset it has then. A time that clocks leave out falls
 * behind the change, one that comes twice is the first.
 *
 * @param fits Whether a text is one that the schema takes: some want `Z`.
 */
export function momentOf(local: string, fits: (text: string) => boolean = () => true): string | undefined {
  const date = new Date(local);
  if (!/^\d{4,}-\d\d-\d\dT\d\d:\d\d/.test(local) || Number.isNaN(date.getTime())) return undefined;
  const minutes = -date.getTimezoneOffset();
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}:${two(Math.trunc(minutes % 60))}`;
  const withOffset = `${wallOf(date)}${offset}`;
  const utc = date.toISOString().replace(/\.000Z$/, "Z");
  return !fits(withOffset) && fits(utc) ? utc : withOffset;
}

/** A date that `date` can show. */
export const isDate = (text: string): boolean =>
  /^[1-9]\d{3}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;

/** A time without offset that `time` can show. */
export const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?$/.test(text);
