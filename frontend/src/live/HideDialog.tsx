// Hide projects that nobody wants to govern, with a reason, or show hidden ones again: one by one, failures stay.
import { useState } from "preact/hooks";
import { ReasonInput } from "../item/ActionDialog";
import { Dialog, DialogFoot } from "./Dialog";
import { useNames } from "./rows";
import { useApp } from "./store";
import { TaskList } from "./TaskList";
import { countText } from "./time";
import { useTasks } from "./useTasks";

interface Props {
  keys: readonly string[];
  /** Whether they are shown again. */
  undo?: boolean;
  onClose: () => void;
}

export function HideDialog({ keys, undo = false, onClose }: Props) {
  const { api } = useApp();
  const names = useNames();
  const [reason, setReason] = useState("");
  const given = reason.trim();
  const [verb, done] = undo ? ["Show again", "Shown again"] : ["Hide", "Hidden"];
  const run = async (key: string) => (await (undo ? api.act(key, "undo-hide") : api.act(key, "hide", { reason: given }))).saved.sentence;
  const { tasks, running, over, failed, start, stop } = useTasks(keys, run, (count, lost) => `${countText(count, "project")} ${done.toLowerCase()}, ${lost} failed`);
  const close = () => {
    stop();
    onClose();
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (running || (!undo && given === "")) return;
    const ended = await start();
    if (ended.every(({ state }) => state === "done")) onClose();
  };
  const what = keys.length === 1 ? (names.get(keys[0] ?? "") ?? keys[0] ?? "") : countText(keys.length, "project");
  return (
    <Dialog title={undo ? `Show ${what} again` : `Hide ${what}`} onClose={close}>
      <form onSubmit={(event) => void submit(event)}>
        {tasks.length > 0 && <TaskList tasks={tasks} names={names} words={{ done }} />}
        {tasks.length === 0 && (
          <>
            <p>{undo ? "Among what waits to be governed, for everybody." : "For everybody. Under Hidden your name and the reason are told, and it can be shown again."}</p>
            {!undo && <ReasonInput reason={reason} onChange={setReason} required />}
          </>
        )}
        <DialogFoot>
          {(!over || failed > 0) && (
            <button type="submit" class="gl-primary" disabled={running || (!undo && given === "")}>
              {running ? "Working…" : over ? `Try ${failed} again` : verb}
            </button>
          )}
          <button type="button" onClick={close}>
            {over ? "Close" : running ? "Stop" : "Cancel"}
          </button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
