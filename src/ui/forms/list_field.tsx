/**
 * The field of a list: items that are added, removed and moved.
 *
 * @module
 */

import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../components/controls.tsx";
import { below, besides } from "./errors.ts";
import type { FieldOf } from "./fields.ts";
import { FieldFrame, type FieldProps } from "./frame.tsx";
import { FieldView } from "./field_view.tsx";
import type { Json } from "./json.ts";
import { blank, itemField } from "./values.ts";

function sizeOf({ min, max, unique }: FieldOf<"list">): string | undefined {
  const size = max === undefined
    ? (min > 0 ? `At least ${min}` : "")
    : min > 0
    ? `${min} to ${max} items`
    : `At most ${max}`;
  return [size, unique ? "each once" : ""].filter(Boolean).join(", ").replace(/^./, (first) => first.toUpperCase()) ||
    undefined;
}

/** See the module's comment. */
export function ListField(props: FieldProps<FieldOf<"list">>) {
  const { field, errors, onChange, path } = props;
  const label = props.label ?? field.label;
  const value = props.value as Json[] | undefined;
  const items = value ?? [];
  // Items are known by numbers of their own, so that what is half typed moves with its item.
  const ids = useRef<number[]>([]);
  const last = useRef(0);
  ids.current.length = Math.min(ids.current.length, items.length);
  while (ids.current.length < items.length) ids.current.push(++last.current);
  const box = useRef<HTMLDivElement>(null);
  const focus = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    if (focus.current !== undefined) box.current?.querySelector<HTMLElement>(focus.current)?.focus();
    focus.current = undefined;
  });
  const put = (next: Json[], then: string) => {
    focus.current = then;
    onChange(next);
  };
  const own = (at: number) => `:scope > .form-items > li:nth-child(${at + 1})`;
  const move = (from: number, to: number) => {
    const next = [...items];
    [next[from], next[to]] = [next[to], next[from]];
    [ids.current[from], ids.current[to]] = [ids.current[to], ids.current[from]];
    const way = to > from ? "down" : "up";
    const other = way === "up" ? (to === 0 ? "down" : "up") : to === items.length - 1 ? "up" : "down";
    put(next, `${own(to)} > .form-moves .form-${other} button`);
  };
  const remove = (at: number) => {
    ids.current.splice(at, 1);
    put(items.filter((_, i) => i !== at), ":scope > .form-add button");
  };
  const add = () =>
    put([...items, blank(itemField(field, items.length))], `${own(items.length)} :is(input, select, textarea, button)`);
  const canAdd = (field.open || items.length < field.first.length) &&
    (field.max === undefined || items.length < field.max);
  return (
    <FieldFrame of={{ ...props, errors: besides(errors, items.map((_, i) => i)) }} group note={sizeOf(field)}>
      {({ disabled }) => (
        <div ref={box} class="form-list">
          <ol class="form-items">
            {items.map((item, i) => {
              const inner = itemField(field, i);
              const name = i < field.first.length ? inner.label : `${inner.label} ${i + 1}`;
              const fixed = i < field.first.length;
              return (
                <li key={ids.current[i]}>
                  <FieldView
                    field={inner}
                    label={name}
                    path={[...path, i]}
                    value={item}
                    errors={below(errors, i)}
                    onChange={(next) => onChange(items.map((one, j) => j === i ? next === undefined ? "" : next : one))}
                    bare={!fixed && !["object", "list", "union"].includes(inner.kind)}
                    must
                  />
                  <div class="form-moves">
                    {fixed || field.first.length > 0 ? null : (
                      <>
                        <span class="form-up form-turned">
                          <Button
                            kind="quiet"
                            icon="down"
                            title={`Move ${name} up`}
                            disabled={i === 0}
                            onClick={() => move(i, i - 1)}
                          />
                        </span>
                        <span class="form-down">
                          <Button
                            kind="quiet"
                            icon="down"
                            title={`Move ${name} down`}
                            disabled={i === items.length - 1}
                            onClick={() => move(i, i + 1)}
                          />
                        </span>
                      </>
                    )}
                    {field.first.length > 0 && i < items.length - 1
                      // What follows would come to another place, and mean another thing.
                      ? null
                      : <Button kind="quiet" icon="trash" title={`Remove ${name}`} onClick={() => remove(i)} />}
                  </div>
                </li>
              );
            })}
          </ol>
          <div class="form-add">
            {canAdd && !disabled ? <Button icon="plus" onClick={add}>Add to {label}</Button> : null}
            {value === undefined
              ? <span class="quiet">not set</span>
              : items.length === 0
              ? <span class="quiet">empty list</span>
              : null}
            {value === undefined && !disabled
              ? <Button kind="quiet" onClick={() => onChange([])}>Empty list</Button>
              : null}
          </div>
        </div>
      )}
    </FieldFrame>
  );
}
