/**
 * A form for parameters, made from their JSON Schema, with a view as JSON. The server says what is wrong; nothing is validated here.
 *
 * @module
 */

import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { ParameterCheck } from "../../domain/deployment_views.ts";
import { plural } from "../format.ts";
import { atTouched, besides, type Path, textOfErrors } from "./errors.ts";
import { fieldsOf } from "./fields.ts";
import { FieldView } from "./field_view.tsx";
import { FormContext } from "./frame.tsx";
import { isMap, type JsonMap, problemText, readJson } from "./json.ts";
import { Properties } from "./object_field.tsx";

/** So long after the last key the server is asked, in milliseconds. */
const REST_MS = 350;

/** A form's state; see {@link useParameterForm}. */
export interface ParameterForm {
  schema: unknown;
  value: JsonMap;
  change: (value: JsonMap) => void;
  view: "form" | "json";
  show: (view: "form" | "json") => void;
  text: string;
  type: (text: string) => void;
  /** What is wrong with the text of the JSON view. */
  textProblem: string | undefined;
  check: ParameterCheck | undefined;
  submitted: boolean;
  touched: ReadonlySet<string>;
  touch: (path: string) => void;
  setBroken: (path: Path, problem: string | undefined) => void;
  /** Grows when the first field that is wrong is to be focused. */
  attention: number;
  /** Asks the server, shows all that is wrong and focuses the first; undefined when there is text that is no JSON. */
  validate: () => Promise<ParameterCheck | undefined>;
}

/**
 * The state of a form.
 *
 * @param ask Asks the server what is wrong.
 */
export function useParameterForm({ schema, initial, ask }: {
  schema: unknown;
  initial: JsonMap;
  ask: (value: JsonMap, signal: AbortSignal) => Promise<ParameterCheck>;
}): ParameterForm {
  const [value, setValue] = useState(initial);
  const plain = useMemo(() => fieldsOf(schema).kind === "json", [schema]);
  const [view, setView] = useState<"form" | "json">(plain ? "json" : "form");
  const [text, setText] = useState(() => JSON.stringify(initial, undefined, 2));
  const [check, setCheck] = useState<ParameterCheck>();
  const [submitted, setSubmitted] = useState(false);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [attention, setAttention] = useState(0);
  const broken = useRef(new Map<string, string>());
  const asking = useRef<AbortController | undefined>(undefined);
  const read = readJson(text);
  const textProblem = view === "form"
    ? undefined
    : read.problem !== undefined
    ? problemText(read.problem)
    : isMap(read.value)
    ? undefined
    : "Parameters are one object: { … }";
  const question = async (of: JsonMap): Promise<ParameterCheck> => {
    asking.current?.abort();
    const own = asking.current = new AbortController();
    const answer = await ask(of, own.signal);
    if (!own.signal.aborted) setCheck(answer);
    return answer;
  };
  const watched = submitted || touched.size > 0;
  useEffect(() => {
    if (!watched) return;
    const timer = setTimeout(() => void question(value).catch(() => {}), REST_MS);
    return () => clearTimeout(timer);
  }, [value, watched]);
  useEffect(() => () => asking.current?.abort(), []);
  return {
    schema,
    value,
    change: setValue,
    view,
    show(next) {
      if (next === view) return;
      // What is no JSON can't be shown otherwise: it stays where it was typed.
      if (textProblem !== undefined || broken.current.size > 0) return setAttention((count) => count + 1);
      if (next === "json") setText(JSON.stringify(value, undefined, 2));
      setView(next);
    },
    text,
    type(next) {
      setText(next);
      const found = readJson(next);
      if (found.problem === undefined && isMap(found.value)) setValue(found.value);
    },
    textProblem,
    check,
    submitted,
    touched,
    touch(path) {
      if (!touched.has(path)) setTouched(new Set([...touched, path]));
    },
    setBroken(path, problem) {
      if (problem === undefined) broken.current.delete(JSON.stringify(path));
      else broken.current.set(JSON.stringify(path), problem);
    },
    attention,
    async validate() {
      if (textProblem !== undefined || broken.current.size > 0) {
        setAttention((count) => count + 1);
        return undefined;
      }
      const answer = await question(value);
      setSubmitted(true);
      if (!answer.valid) setAttention((count) => count + 1);
      return answer;
    },
  };
}

/** See the module's comment. */
export function ParameterFields({ form, label = "Parameters" }: { form: ParameterForm; label?: string }) {
  const field = useMemo(() => fieldsOf(form.schema, label), [form.schema, label]);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const all = form.check?.errors ?? [];
  const errors = form.submitted ? all : atTouched(all, form.touched);
  const own = field.kind === "object"
    ? besides(errors, [...field.properties.map(({ name }) => name), ...Object.keys(form.value)])
    : [];
  const asJson = form.view === "json";
  useEffect(() => {
    if (form.attention === 0) return;
    box.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-wrong]')?.focus();
  }, [form.attention]);
  const summary = !form.submitted || errors.length === 0
    ? undefined
    : `${plural(errors.length, "parameter")} ${errors.length === 1 ? "needs" : "need"} attention.`;
  const jsonError = form.textProblem ?? (asJson ? textOfErrors(errors) : undefined);
  return (
    <FormContext.Provider value={{ setBroken: form.setBroken }}>
      <div
        ref={box}
        class="form"
        role="group"
        aria-label={label}
        onFocusOut={(event) => {
          const place = (event.target as HTMLElement).closest<HTMLElement>("[data-path]")?.dataset.path;
          // A press on a button beside a field is no end of filling it in.
          if (place !== undefined && (event.target as HTMLElement).tagName !== "BUTTON") form.touch(place);
        }}
      >
        <div class="form-views" role="group" aria-label="View">
          <button
            type="button"
            aria-pressed={!asJson}
            disabled={field.kind === "json"}
            onClick={() => form.show("form")}
          >
            Form
          </button>
          <button type="button" aria-pressed={asJson} onClick={() => form.show("json")}>JSON</button>
        </div>
        <div role="status" aria-live="polite" class="form-summary">
          {summary === undefined ? null : <p class="error">{summary}</p>}
        </div>
        {!asJson && own.length > 0 ? <p class="error" tabIndex={-1} data-wrong>{textOfErrors(own)}</p> : null}
        {asJson
          ? (
            <div class={`form-field${jsonError === undefined ? "" : " field-wrong"}`}>
              <label for={id} class="only-read">{label} as JSON</label>
              {field.kind === "json"
                ? <p class="hint" id={`${id}-hint`}>There is no schema: write them as one JSON object.</p>
                : null}
              <textarea
                id={id}
                class="input form-json"
                rows={Math.min(24, Math.max(6, form.text.split("\n").length + 1))}
                spellcheck={false}
                aria-invalid={jsonError !== undefined || undefined}
                aria-describedby={jsonError !== undefined
                  ? `${id}-error`
                  : field.kind === "json"
                  ? `${id}-hint`
                  : undefined}
                value={form.text}
                onInput={(event) => form.type(event.currentTarget.value)}
              />
              {jsonError === undefined ? null : <p class="error" id={`${id}-error`}>{jsonError}</p>}
            </div>
          )
          : field.kind === "object"
          ? (
            <Properties
              field={field}
              path={[]}
              value={form.value}
              errors={errors}
              onChange={form.change}
              label={label}
            />
          )
          : (
            <FieldView
              field={field}
              path={[]}
              value={form.value}
              errors={errors}
              onChange={(value) => form.change(isMap(value) ? value : {})}
              must
            />
          )}
      </div>
    </FormContext.Provider>
  );
}
