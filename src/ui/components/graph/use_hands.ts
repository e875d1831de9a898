/**
 * The hands that move a graph: dragging, pinching, the wheel with Ctrl.
 *
 * @module
 */

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Look, nearer } from "./placing.ts";

/** Less than this, in pixels, is a press and not a drag. */
const LEAST_DRAG = 4;

/** Listens on an element. @returns Whether a press was the end of a drag; one by the keyboard never is */
export function useHands(
  ground: RefObject<HTMLElement | null>,
  look: Look,
  onLook: (look: Look) => void,
): (press: MouseEvent) => boolean {
  const latest = useRef({ look, onLook });
  latest.current = { look, onLook };
  const dragged = useRef(false);
  useEffect(() => {
    const element = ground.current!;
    const over = new AbortController();
    const { signal } = over;
    const set = (look: Look) => {
      // Several events of one frame build on each other.
      latest.current.look = look;
      latest.current.onLook(look);
    };
    const inside = (x: number, y: number) => {
      const { left, top } = element.getBoundingClientRect();
      return [x - left, y - top] as const;
    };
    const pointers = new Map<number, { x: number; y: number }>();
    let began = { x: 0, y: 0 };

    element.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const by = Math.max(-60, Math.min(60, event.deltaY));
      set(nearer(latest.current.look, Math.exp(-by / 150), inside(event.clientX, event.clientY)));
    }, { passive: false, signal });
    element.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button !== 0) return;
      if (pointers.size === 0) dragged.current = false;
      began = { x: event.clientX, y: event.clientY };
      pointers.set(event.pointerId, began);
    }, { signal });
    element.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (before === undefined) return;
      const after = { x: event.clientX, y: event.clientY };
      if (!dragged.current && Math.hypot(after.x - began.x, after.y - began.y) < LEAST_DRAG) return;
      if (!dragged.current) element.setPointerCapture(event.pointerId);
      dragged.current = true;
      const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
      const { look } = latest.current;
      if (other === undefined) set({ ...look, x: look.x + after.x - before.x, y: look.y + after.y - before.y });
      else {
        const apart = (point: { x: number; y: number }) =>
          Math.max(20, Math.hypot(point.x - other.x, point.y - other.y));
        set(nearer(look, apart(after) / apart(before), inside((after.x + other.x) / 2, (after.y + other.y) / 2)));
      }
      pointers.set(event.pointerId, after);
    }, { signal });
    const end = (event: PointerEvent) => void pointers.delete(event.pointerId);
    element.addEventListener("pointerup", end, { signal });
    element.addEventListener("pointercancel", end, { signal });
    return () => over.abort();
  }, []);
  return ({ detail }) => dragged.current && detail > 0;
}
