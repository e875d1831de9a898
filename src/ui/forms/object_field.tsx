/**
 * The field of an object: its properties, and rows of names and values for what is no property.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { Button } from "../components/controls.tsx";
import { below, besides } from "./errors.ts";
import type { FieldOf, Property } from "./fields.ts";
import { FieldFrame, type FieldProps } from "./frame.tsx";
import { FieldView } from "./field_view.tsx";
import { inOrder, type Json, type JsonMap, same, withName } from "./json.ts";
import { blank, restField, restNames } from "./values.ts";

/** See the module's comment. */
export function ObjectField(props: FieldProps<FieldOf<"object">>) {
  const { field, errors, onChange } = props;
  const label = props.label ?? field.label;
  const value = props.value as JsonMap | undefined;
  const shown = value === undefined ? [] : [...field.properties.map(({ name }) => name), ...restNames(field, value)];
  return (
    <FieldFrame of={{ ...props, errors: besides(errors, shown) }} group>
      {({ disabled }) =>
        value === undefined
          ? <Button icon="plus" disabled={disabled} onClick={() => onChange(blank(field))}>Fill in {label}</Button>
          : (
            <div class="form-inside">
              <Properties
                field={field}
                path={props.path}
                value={value}
                errors={errors}
                onChange={onChange}
                label={label}
              />
            </div>
          )}
    </FieldFrame>
  );
}

/** Whether there is nothing to choose: it can be one thing, must be there, and is. */
const isSettled = ({ name, required, field }: Property, value: JsonMap): boolean =>
  required && field.kind === "constant" && Object.hasOwn(value, name) && same(value[name], field.value);

/** The properties of an object, without a frame: those of the whole have none. */
export function Properties({ field, path, value, errors, onChange, label }: {
  field: FieldOf<"object">;
  path: FieldProps["path"];
  value: JsonMap;
  errors: FieldProps["errors"];
  onChange: (value: JsonMap) => void;
  label: string;
}) {
  const names = field.properties.map(({ name }) => name);
  const rest = restNames(field, value);
  const set = (name: string, next: Json | undefined) => onChange(inOrder(withName(value, name, next), names));
  const rename = (from: string, to: string) =>
    onChange(Object.fromEntries(Object.entries(value).map(([name, one]) => [name === from ? to : name, one])));
  return (
    <>
      {field.properties.filter((property) => !isSettled(property, value)).map(({ name, required, field: inner }) => (
        <FieldView
          key={name}
          field={inner}
          path={[...path, name]}
          value={Object.hasOwn(value, name) ? value[name] : undefined}
          errors={below(errors, name)}
          required={required}
          onChange={(next) => set(name, next)}
        />
      ))}
      {field.properties.length === 0 && rest.length === 0 && !field.open
        ? <p class="quiet">Nothing is to be filled in.</p>
        : null}
      {rest.map((name, i) => (
        <div key={`rest ${i}`} class="form-entry">
          <EntryName
            name={name}
            of={label}
            isFree={(to) => !Object.hasOwn(value, to)}
            onRename={(to) => rename(name, to)}
          />
          <FieldView
            field={restField(field, name)}
            label={`Value of ${name}`}
            path={[...path, name]}
            value={value[name]}
            errors={below(errors, name)}
            onChange={(next) => set(name, next ?? null)}
            bare
            must
          />
          <Button kind="quiet" icon="trash" title={`Remove ${name}`} onClick={() => set(name, undefined)} />
        </div>
      ))}
      {field.open
        ? (
          <NewEntry
            of={label}
            isFree={(name) => !Object.hasOwn(value, name)}
            onAdd={(name) =>
              set(name, blank(names.includes(name) ? { ...restField(field, name) } : restField(field, name)))}
          />
        )
        : null}
    </>
  );
}

/** The name of an entry; it becomes another one when the control is left. */
function EntryName({ name, of, isFree, onRename }: {
  name: string;
  of: string;
  isFree: (name: string) => boolean;
  onRename: (to: string) => void;
}) {
  const [draft, setDraft] = useState<{ of: string; text: string }>();
  const text = draft?.of === name ? draft.text : name;
  const taken = text !== name && !isFree(text);
  const commit = () => {
    if (text !== name && !taken) onRename(text);
  };
  return (
    <div class={taken ? "field-wrong" : undefined}>
      <input
        class="input"
        aria-label={`Name of an entry of ${of}`}
        aria-invalid={taken || undefined}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => setDraft({ of: name, text: event.currentTarget.value })}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          commit();
        }}
      />
      {taken ? <p class="error">There is an entry of this name</p> : null}
    </div>
  );
}

/** Asks for the name of another entry. */
function NewEntry(
  { of, isFree, onAdd }: { of: string; isFree: (name: string) => boolean; onAdd: (name: string) => void },
) {
  const [name, setName] = useState("");
  const taken = name !== "" && !isFree(name);
  const add = () => {
    if (name === "" || taken) return;
    onAdd(name);
    setName("");
  };
  return (
    <div class={`form-add${taken ? " field-wrong" : ""}`}>
      <input
        class="input form-short"
        aria-label={`Name of a new entry of ${of}`}
        placeholder="Name of another entry"
        autocomplete="off"
        spellcheck={false}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          add();
        }}
      />
      <Button icon="plus" disabled={name === "" || taken} onClick={add}>Add entry</Button>
      {taken ? <p class="error">There is an entry of this name</p> : null}
    </div>
  );
}
