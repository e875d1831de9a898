/**
 * The log viewer of a run.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LogLine } from "../../../domain/log_pages.ts";
import { api } from "../../api.ts";
import { count } from "../../format.ts";
import { useLive } from "../../live/use_live.ts";
import { useLogReader } from "../../live/use_log_reader.ts";
import { Button } from "../controls.tsx";
import { Failure } from "../layout.tsx";
import { toast } from "../overlays.tsx";
import { placeOf } from "./line_window.ts";
import { lineHash, type LogView, readLine, readView, writeView } from "./log_address.ts";
import { type ListHandle, LogList } from "./log_list.tsx";
import { NoLines } from "./no_lines.tsx";
import { LogToolbar } from "./log_toolbar.tsx";
import { keepOptions, useTyped, viewerOptions } from "./log_options.ts";
import { copyLines, findMatch, wholeMessage } from "./log_actions.ts";
import { logKey } from "./log_keys.ts";
import { LogFooter } from "./log_footer.tsx";

/** As many new lines at once are read out by screen readers. */
const MOST_READ_OUT = 5;
const ENDED = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"];

/** The lines of a run, or of one of its tasks: live, filtered, searched, linked to. */
export const Logs = (props: { flowRunId: string; taskRunId?: string }) => (
  <Viewer key={`${props.flowRunId} ${props.taskRunId}`} {...props} />
);

function Viewer({ flowRunId, taskRunId }: { flowRunId: string; taskRunId?: string }) {
  const { query, path, route } = useLocation();
  const view = readView(query);
  const task = taskRunId ?? view.task;
  const filter = { level: view.level, task_run_id: task, text: view.keep || view.q === "" ? undefined : view.q };
  const [options, setOptions] = useState(viewerOptions);
  const [following, setFollowing] = useState(() => readLine(location.hash) === undefined);
  const [current, setCurrent] = useState(() => readLine(location.hash));
  /** The other end of what is chosen. */
  const [other, setOther] = useState<string>();
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [full, setFull] = useState<ReadonlyMap<string, string>>(new Map());
  const [said, setSaid] = useState("");
  const list = useRef<ListHandle>(null);
  /** Where the view should be once the lines are there, and which line was the last when the end was left. */
  const goal = useRef<{ id?: string; place?: string; where?: "top" } | undefined>({ id: current });
  /** The line that was read when the filters last changed. */
  const place = useRef<{ id: string; place?: string; where?: "top" }>(undefined);
  const left = useRef<string>(undefined);

  const changeView = (next: LogView) => route(path + writeView(location.search, next) + location.hash, true);
  const [draft, setDraft] = useTyped(view.q, (q) => changeView({ ...readView(query), q }));

  const run = useLive(
    `run ${flowRunId}`,
    () => api.flowRuns.read(flowRunId),
    (change) => change.kind === "flow_run" && change.id === flowRunId,
  ).data;
  const facets = useLive(
    `log facets ${flowRunId}`,
    () => api.flowRunLogs.facets(flowRunId),
    (change) => change.kind === "flow_run" && change.id === flowRunId,
  );
  const isOver = ENDED.includes(run?.state_type ?? "");

  const reader = useLogReader(flowRunId, filter, () => {
    if (following) return "end";
    const id = goal.current?.id ?? list.current?.first();
    const line = reader.window?.lines.find((one) => one.id === id);
    // A filter that leaves nothing does not make one forget where one was.
    if (id !== undefined) {
      place.current = { id, place: line && placeOf(line), where: goal.current === undefined ? "top" : undefined };
    }
    left.current = undefined;
    goal.current = place.current;
    if (place.current === undefined) setFollowing(true);
    return place.current === undefined ? "end" : { line: place.current.id };
  });
  reader.following = following;
  const window = reader.window;
  const lines = window?.lines ?? NONE;
  const indexOf = (id: string | undefined) => id === undefined ? -1 : lines.findIndex((line) => line.id === id);

  // A beginning that was asked for has come: what it was asked for is brought into view.
  useEffect(() => {
    if (window === undefined) return;
    const { id, place: near, where = "middle" } = goal.current ?? {};
    goal.current = undefined;
    if (following) return;
    left.current = window.newer === null && lines.length > 0 ? placeOf(lines[lines.length - 1]) : undefined;
    const shown = indexOf(id) >= 0 ? id : lines.find((line) => near === undefined || placeOf(line) >= near)?.id;
    if (shown !== undefined) list.current?.show(shown, where, true);
  }, [reader.generation]);
  useEffect(() => {
    const follow = () => {
      const id = readLine(location.hash);
      if (id !== undefined) goTo(id);
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  });
  // A task that was not known printed its first line.
  useEffect(() => {
    const known = facets.data;
    if (known === undefined || known.more_tasks) return;
    const isNew = ({ task_run_id: id }: LogLine) => id !== null && !known.tasks.some((one) => one.id === id);
    if (lines.slice(-100).some(isNew)) facets.refresh();
  }, [lines]);
  // The line of the address is not there any more: the end is shown instead.
  useEffect(() => {
    if (reader.missing !== undefined) setFollowing(true);
  }, [reader.missing]);

  const follow = (on: boolean) => {
    if (!on && lines.length > 0) left.current = placeOf(lines[lines.length - 1]);
    setFollowing(on);
  };
  const goEnd = () => {
    setFollowing(true);
    reader.following = true;
    if (window?.newer !== null) void reader.open("end");
  };
  const goStart = () => {
    follow(false);
    reader.following = false;
    if (window?.older === null) return list.current?.show(lines[0]?.id, "top", true);
    goal.current = { where: "top" };
    void reader.open("start");
  };
  const goTo = (id: string) => {
    setCurrent(id);
    setOther(undefined);
    follow(false);
    if (indexOf(id) >= 0 && !reader.opening) return list.current?.show(id, "middle");
    reader.following = false;
    goal.current = { id };
    void reader.open({ line: id });
  };
  const choose = (id: string, extend: boolean) => {
    setOther(extend ? other ?? current : undefined);
    setCurrent(id);
    const line = lines[indexOf(id)];
    setSaid(`${logLevelWord(line)} ${line.message.slice(0, 300)}`);
  };
  const pick = (id: string, extend: boolean) => {
    choose(id, extend);
    if (!extend) history.replaceState(history.state, "", location.pathname + location.search + lineHash(id));
    list.current?.focus();
  };
  const move = (way: 1 | -1, extend: boolean) => {
    const at = indexOf(current);
    const first = indexOf(list.current?.first());
    const to = at < 0 ? (following ? lines.length - 1 : first) : at + way;
    if (to < 0 || to >= lines.length) return;
    if (way < 0) follow(false);
    choose(lines[to].id, extend);
    list.current?.show(lines[to].id, "near");
  };
  const search = async (way: 1 | -1) => {
    if (view.q === "") return;
    const from = indexOf(current) >= 0 ? current : undefined;
    const found = await findMatch(flowRunId, { filter: { ...filter, text: view.q }, lines, from, way });
    if (found === undefined) return toast("No further match");
    goTo(found);
  };
  const open = async (line: LogLine) => {
    const isOpen = opened.has(line.id);
    if (!isOpen && line.is_cut && !full.has(line.id)) {
      const message = await wholeMessage(flowRunId, line.id);
      setFull((before) => new Map(before).set(line.id, message));
    }
    if (!isOpen) follow(false);
    setOpened((before) => {
      const after = new Set(before);
      if (!after.delete(line.id)) after.add(line.id);
      return after;
    });
  };
  const marks = useMemo(() => {
    const [a, b] = [indexOf(current), indexOf(other ?? current)];
    return a < 0 || b < 0
      ? new Set<string>()
      : new Set(lines.slice(Math.min(a, b), Math.max(a, b) + 1).map(({ id }) => id));
  }, [lines, current, other]);
  const copy = () => copyLines(flowRunId, lines.filter(({ id }) => marks.has(id)));
  const fresh = window === undefined || left.current === undefined
    ? window?.beyond ?? 0
    : lines.length - lines.findLastIndex((line) => placeOf(line) <= left.current!) - 1 + window.beyond;
  const isFiltered = filter.level !== undefined || filter.text !== undefined ||
    (taskRunId === undefined && task !== undefined);
  const isHidden = current !== undefined && window !== undefined && isFiltered && indexOf(current) < 0 && !following;
  const start = Date.parse(run?.start_time ?? lines[0]?.timestamp ?? "") || 0;
  const look = useMemo(
    () => ({ times: options.times, start, query: view.q, tasks: taskRunId === undefined }),
    [options.times, start, view.q],
  );
  return (
    <section class="logs" aria-label="Logs">
      <LogToolbar
        view={view}
        draft={draft}
        onDraft={setDraft}
        onView={changeView}
        onSearch={(way) => void search(way)}
        facets={facets.data}
        onFacets={facets.refresh}
        options={options}
        onOptions={(next) => setOptions(keepOptions(next))}
        taskName={task === undefined ? undefined : lines.find((line) => line.task_run_id === task)?.task ?? undefined}
        oneTask={taskRunId !== undefined}
      />
      {reader.error === undefined ? null : <Failure error={reader.error} retry={() => reader.retry()} />}
      {reader.missing === undefined
        ? null
        : <p class="log-note" role="status">The linked line is not there any more.</p>}
      {isHidden
        ? (
          <p class="log-note" role="status">
            The filters hide the linked line.{" "}
            <Button
              onClick={() => {
                goal.current = { id: current };
                changeView({ q: "", keep: false });
              }}
            >
              Show it
            </Button>
          </p>
        )
        : null}
      <div class="log-frame">
        <LogList
          handle={list}
          lines={lines}
          wrap={options.wrap}
          look={look}
          actions={{ pick, task: (id) => changeView({ ...view, task: id }), open: (line) => void open(line) }}
          marks={marks}
          current={current}
          opened={opened}
          full={full}
          following={following}
          live={following && !isOver && reader.lastBatch <= MOST_READ_OUT}
          onFollow={follow}
          isEnd={window?.newer === null}
          onNear={(end) => void reader.more(end)}
          onKeyDown={(event) =>
            logKey(event, {
              move,
              end: goEnd,
              start: goStart,
              search: (way) => void search(way),
              copy: () => void copy(),
              open: () => {
                const line = lines[indexOf(current)];
                if (line !== undefined) void open(line);
              },
              leave: () => {
                setCurrent(undefined);
                setOther(undefined);
              },
            })}
        />
        {window !== undefined && lines.length > 0 ? null : (
          <NoLines
            run={run}
            isOver={isOver}
            loading={window === undefined || window.older !== null || window.newer !== null}
            isFiltered={isFiltered}
            onClear={() => changeView({ q: "", keep: false })}
          />
        )}
        {reader.older && lines.length > 0 ? <p class="log-more" role="status">Reading earlier lines…</p> : null}
        <div class="log-bar">
          {marks.size === 0 ? null : (
            <Button icon="copy" onClick={copy}>
              {marks.size === 1 ? "Copy line" : `Copy ${count(marks.size)} lines`}
            </Button>
          )}
          {following || window === undefined || lines.length === 0
            ? following && !isOver && lines.length > 0 ? <span class="log-following">Following the end</span> : null
            : (
              <Button kind="primary" icon="down" onClick={goEnd}>
                {isOver ? "To the end" : "Follow"}
                {fresh > 0 ? ` · ${count(fresh)} new` : ""}
              </Button>
            )}
        </div>
      </div>
      <LogFooter download={(format) => api.flowRunLogs.downloadUrl(flowRunId, { ...filter, format })} />
      <p class="only-read" aria-live="polite">{said}</p>
    </section>
  );
}

const NONE: readonly LogLine[] = [];
const logLevelWord = ({ level }: LogLine): string => level >= 40 ? "Error:" : level >= 30 ? "Warning:" : "";
