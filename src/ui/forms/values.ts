/**
 * Values in fields: what a control shows of a value and what is read off it, which form of several a value has, what a field begins
 * with. Pure.
 *
 * One rule holds for all: what a field shows reads back as the same JSON. A value that a field could not hold so is shown as JSON.
 *
 * @module
 */

import { type Field, type FieldOf, patternOf } from "./fields.ts";
import { isMap, type Json, type JsonMap, same } from "./json.ts";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The text in the control of a number. What is no number stays the text that was typed, and the server says so. */
export const numberText = (value: Json | undefined): string =>
  value === undefined ? "" : typeof value === "number" ? String(value) : typeof value === "string" ? value : "";

/** A typed number; undefined when nothing was typed. */
export function readNumber(text: string): Json | undefined {
  const typed = text.trim();
  if (typed === "") return undefined;
  const value = Number(typed);
  return NUMBER.test(typed) && Number.isFinite(value) ? value : text;
}

/** Whether a field shows a value so that it reads back as the same JSON. Nothing is held by every field. */
export function holds(field: Field, value: Json | undefined): boolean {
  if (value === undefined) return true;
  switch (field.kind) {
    case "text":
      // Browsers turn other ends of lines into \n.
      return typeof value === "string" && !value.includes("\r");
    case "number":
      return value === "" ||
        (typeof value !== "object" && typeof value !== "boolean" && same(readNumber(numberText(value)), value));
    case "boolean":
      return typeof value === "boolean";
    case "constant":
      return same(value, field.value);
    case "object":
      return isMap(value);
    case "list":
      return Array.isArray(value);
    case "union":
      return field.variants.some((variant) => holds(variant, value));
    default:
      return true;
  }
}

/** The field that shows a value: the one itself, or one for JSON when it could not hold it. */
export const shownAs = (field: Field, value: Json | undefined): Field =>
  holds(field, value) ? field : { ...field, kind: "json" };

/** The field of a name of an object that is no property. */
export const restField = (field: FieldOf<"object">, name: string): Field =>
  field.patterns.find(({ pattern }) => pattern.test(name))?.field ?? field.rest;

/** The names of an object that are no properties. */
export const restNames = (field: FieldOf<"object">, value: JsonMap): string[] =>
  Object.keys(value).filter((name) => !field.properties.some((property) => property.name === name));

/** The field of a place in a list. */
export const itemField = (field: FieldOf<"list">, place: number): Field => field.first[place] ?? field.items;

/** How well a value is of a field's kind; below 0 it is not. */
function likeness(field: Field, value: Json): number {
  if (!holds(field, value)) return -1;
  switch (field.kind) {
    case "text":
      return field.pattern === undefined ? 2 : patternOf(field.pattern)?.test(value as string) ? 3 : 1;
    case "number":
      return typeof value !== "number" ? -1 : field.whole ? (Number.isInteger(value) ? 3 : 0) : 2;
    case "choice":
      return field.values.some((one) => same(one, value)) ? 4 : -1;
    case "constant":
      return 5;
    case "object": {
      let sum = 100;
      for (const { name, required, field: inner } of field.properties) {
        const has = Object.hasOwn(value as JsonMap, name);
        if (!has) sum -= required ? 2 : 0;
        else {
          const like = likeness(inner, (value as JsonMap)[name]);
          if (like < 0 && inner.kind === "constant") return -1;
          sum += like < 0 ? -2 : inner.kind === "constant" ? 10 : 1;
        }
      }
      return Math.max(0, sum - (field.open ? 0 : restNames(field, value as JsonMap).length));
    }
    case "list": {
      const likes = (value as Json[]).slice(0, 10).map((item, i) => likeness(itemField(field, i), item));
      return likes.some((like) => like < 0) ? 0 : 2;
    }
    case "union":
      return Math.max(...field.variants.map((variant) => likeness(variant, value)));
    default:
      return 0;
  }
}

/**
 * Which form of several a value has; -1 for nothing.
 *
 * @param chosen The form that somebody chose; it stays as long as it can hold the value.
 */
export function formOf(field: FieldOf<"union">, value: Json | undefined, chosen?: number): number {
  if (chosen !== undefined && field.variants[chosen] !== undefined && holds(field.variants[chosen], value)) {
    return chosen;
  }
  if (value === undefined) return -1;
  const likes = field.variants.map((variant) => likeness(variant, value));
  const best = likes.indexOf(Math.max(...likes));
  return likes[best] >= 0 ? best : field.variants.findIndex((variant) => holds(variant, value));
}

/** What a field begins with where there must be something: in lists, in entries of objects, in a form that was chosen. */
export function blank(field: Field): Json {
  if (field.default !== undefined) return field.default;
  switch (field.kind) {
    case "text":
    case "number":
      return "";
    case "boolean":
      return false;
    case "choice":
      return field.values[0];
    case "constant":
      return field.value;
    case "object":
      return withDefaults(field, {});
    case "list":
      return field.first.map(blank);
    case "union":
      return blank(field.variants[0]);
    case "json":
      return null;
  }
}

/** An object with the defaults of its properties, and in those that are required what can only be one thing. */
export function withDefaults(field: Field, value: JsonMap): JsonMap {
  if (field.kind !== "object") return value;
  const entries: [string, Json][] = [];
  for (const { name, required, field: inner } of field.properties) {
    if (Object.hasOwn(value, name)) entries.push([name, value[name]]);
    else if (inner.default !== undefined) entries.push([name, inner.default]);
    else if (required && (inner.kind === "constant" || inner.kind === "object")) entries.push([name, blank(inner)]);
  }
  for (const name of restNames(field, value)) entries.push([name, value[name]]);
  return Object.fromEntries(entries);
}
