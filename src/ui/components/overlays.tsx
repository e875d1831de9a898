/**
 * What lies above a page: dialogs, questions, short messages.
 *
 * @module
 */

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** A dialog. Escape and a press outside close it; the focus goes back to where it was. */
export function Dialog({ title, onClose, actions, wide, children }: {
  title: string;
  onClose: () => void;
  actions?: ComponentChildren;
  wide?: boolean;
  children: ComponentChildren;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class={wide ? "dialog dialog-wide" : "dialog"}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === ref.current && onClose()}
    >
      <div class="dialog-inside">
        <h2>{title}</h2>
        {children}
        {actions === undefined ? null : <div class="actions">{actions}</div>}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  text: ComponentChildren;
  action: string;
  danger?: boolean;
  answer: (yes: boolean) => void;
}

const question = signal<Question | undefined>(undefined);

/** Asks yes or no. @param options.action The word on the button that says yes, e.g. `Delete`. */
export const ask = (options: Omit<Question, "answer">): Promise<boolean> =>
  new Promise((resolve) => {
    question.value = {
      ...options,
      answer(yes) {
        question.value = undefined;
        resolve(yes);
      },
    };
  });

const toasts = signal<{ id: number; text: string; kind: "plain" | "error" }[]>([]);
let lastToast = 0;

/** Says something for a few seconds; an error stays until it is closed. */
export function toast(text: string, kind: "plain" | "error" = "plain"): void {
  const id = ++lastToast;
  toasts.value = [...toasts.value, { id, text, kind }];
  if (kind === "plain") setTimeout(() => close(id), 4000);
}

const close = (id: number) => toasts.value = toasts.value.filter((one) => one.id !== id);

/** Where questions and messages appear; once in the frame. */
export function Overlays() {
  const asked = question.value;
  return (
    <>
      {asked === undefined ? null : (
        <Dialog
          title={asked.title}
          onClose={() => asked.answer(false)}
          actions={
            <>
              <button type="button" class="button button-plain" onClick={() => asked.answer(false)}>Keep</button>
              <button
                type="button"
                class={`button button-${asked.danger ? "danger" : "primary"}`}
                onClick={() => asked.answer(true)}
              >
                {asked.action}
              </button>
            </>
          }
        >
          <p>{asked.text}</p>
        </Dialog>
      )}
      <div class="toasts" role="status" aria-live="polite">
        {toasts.value.map(({ id, text, kind }) => (
          <div key={id} class={`toast toast-${kind}`}>
            <span>{text}</span>
            <button type="button" class="button button-quiet button-icon" aria-label="Close" onClick={() => close(id)}>
              ×
            </button>
          </div>
        ))}
      </div>
    </>
  );
}
