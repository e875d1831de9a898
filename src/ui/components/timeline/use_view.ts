/**
 * Which part of time a timeline shows, and the hands that move it: wheel, pinch, dragging.
 *
 * @module
 */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isWhole, panned, type Span, within, zoomed } from "./scale.ts";

/** What {@link useView} answers. */
export interface View {
  /** What is shown. */
  span: Span;
  /** Whether that is everything. */
  isFit: boolean;
  zoom: (factor: number, place?: number) => void;
  pan: (part: number) => void;
  show: (span: Span) => void;
  fit: () => void;
  /** What is being dragged over, in parts of the area's width. */
  drag: { from: number; to: number } | undefined;
}

/** Less than this, in pixels, is a press and not a drag. */
const LEAST_DRAG = 5;

/**
 * See the module's comment.
 *
 * @param area The element whose width is the span's; events are heard on `ground` where they are within that width.
 * @param onShow Is told what is to be shown, instead of showing it: always everything is shown then.
 */
export function useView(
  bounds: Span,
  area: RefObject<HTMLElement | null>,
  ground: RefObject<HTMLElement | null>,
  onShow?: (span: Span) => void,
): View {
  // Undefined is everything, also while that grows.
  const [chosen, choose] = useState<Span | undefined>(undefined);
  const [drag, setDrag] = useState<View["drag"]>(undefined);
  const span = chosen === undefined ? bounds : within(chosen, bounds);
  const latest = useRef({ span, bounds });
  latest.current = { span, bounds };

  const show = (next: Span) => {
    if (onShow !== undefined) return onShow(next);
    // Several events of one frame build on each other.
    latest.current.span = next;
    choose(isWhole(next, latest.current.bounds) ? undefined : next);
  };
  const zoom = (factor: number, place = 0.5) => show(zoomed(latest.current.span, factor, place, latest.current.bounds));
  const pan = (part: number) => show(panned(latest.current.span, part, latest.current.bounds));
  const hands = useRef({ show, zoom, pan });
  hands.current = { show, zoom, pan };

  useEffect(() => {
    const element = ground.current;
    if (element === null) return;
    const over = new AbortController();
    const place = (x: number) => {
      const { left, width } = area.current!.getBoundingClientRect();
      return (x - left) / Math.max(1, width);
    };
    const pointers = new Map<number, { x: number; y: number }>();
    let began: { x: number; place: number } | undefined;
    let wasDragged = false;

    const on = <K extends keyof HTMLElementEventMap>(
      name: K,
      listener: (event: HTMLElementEventMap[K]) => void,
      passive = true,
    ) => element.addEventListener(name, listener, { signal: over.signal, passive });

    on("wheel", (event) => {
      const { deltaX, deltaY, ctrlKey, metaKey, shiftKey, clientX } = event;
      const at = place(clientX);
      if (at < 0 || at > 1) return;
      if (ctrlKey || metaKey) {
        event.preventDefault();
        hands.current.zoom(Math.exp(-Math.max(-60, Math.min(60, deltaY)) / 150), at);
      } else if (shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) {
        event.preventDefault();
        hands.current.pan((shiftKey && deltaX === 0 ? deltaY : deltaX) / area.current!.clientWidth);
      }
    }, false);
    on("pointerdown", (event) => {
      const at = place(event.clientX);
      if (at < 0 || at > 1 || (event.pointerType === "mouse" && event.button !== 0)) return;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      began = event.pointerType === "mouse" ? { x: event.clientX, place: at } : undefined;
    });
    on("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (before === undefined) return;
      const after = { x: event.clientX, y: event.clientY };
      if (began !== undefined) {
        if (Math.abs(after.x - began.x) < LEAST_DRAG && !element.hasPointerCapture(event.pointerId)) return;
        if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
        const at = Math.max(0, Math.min(1, place(after.x)));
        return setDrag({ from: Math.min(began.place, at), to: Math.max(began.place, at) });
      }
      const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
      if (other !== undefined) {
        const apart = (point: { x: number }) => Math.max(20, Math.abs(point.x - other.x));
        hands.current.zoom(apart(after) / apart(before), place((after.x + other.x) / 2));
      } else {
        hands.current.pan((before.x - after.x) / area.current!.clientWidth);
      }
      pointers.set(event.pointerId, after);
    });
    const end = (event: PointerEvent) => {
      wasDragged = began !== undefined && element.hasPointerCapture(event.pointerId);
      if (pointers.delete(event.pointerId) && wasDragged && event.type === "pointerup") {
        const [from, to] = [began!.place, Math.max(0, Math.min(1, place(event.clientX)))].sort((a, b) => a - b);
        const { span } = latest.current;
        const length = span.to - span.from;
        hands.current.show(
          within({ from: span.from + from * length, to: span.from + to * length }, latest.current.bounds),
        );
      }
      began = undefined;
      setDrag(undefined);
    };
    // Who drags from a bar does not want to open it.
    on("click", (event) => {
      // A press by the keyboard is none of the hand's.
      if (!wasDragged || event.detail === 0) return;
      event.preventDefault();
      // The router follows links also when that is prevented.
      event.stopPropagation();
    }, false);
    on("pointerup", end);
    on("pointercancel", end);
    return () => over.abort();
  }, []);

  return { span, isFit: chosen === undefined, zoom, pan, show, fit: () => choose(undefined), drag };
}
