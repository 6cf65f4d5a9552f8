// *Review changes*: what a bulk change or a moved card would do to each project, before anything is written; then it
// is done one by one, and failures are told by themselves.
import { useEffect, useRef, useState } from "preact/hooks";
import { plan, type BulkChange, type Planned } from "./bulk";
import { Dialog, DialogFoot } from "./Dialog";
import { useNames } from "./rows";
import { tell, useApp } from "./store";
import { TaskList } from "./TaskList";
import { countTasks, newTasks, runTasks, type Task } from "./tasks";
import { countText } from "./time";

interface Props {
  keys: readonly string[];
  change: BulkChange;
  onClose: () => void;
}

type Phase = "asking" | "review" | "applying" | "over";

export function ReviewChanges({ keys, change, onClose }: Props) {
  const { api, store, refresh } = useApp();
  const names = useNames();
  const [phase, setPhase] = useState<Phase>("asking");
  const [tasks, setTasks] = useState<Task[]>(() => newTasks(keys));
  const plansRef = useRef(new Map<string, Planned>());
  const stoppedRef = useRef(false);
  useEffect(() => {
    // the dialog may be mounted anew: the reviewed list belongs to one of its lives
    let isCurrent = true;
    const ask = async (key: string) => {
      const planned = await plan(api, key, change);
      plansRef.current.set(key, planned);
      return planned.says;
    };
    void runTasks(newTasks(keys), ask, (list) => isCurrent && setTasks(list), () => !isCurrent).then(() => isCurrent && setPhase("review"));
    return () => {
      isCurrent = false;
    };
    // keys and change are those the dialog was opened with
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [api]);

  const possible = tasks.filter(({ state }) => state === "done");
  const apply = async () => {
    setPhase("applying");
    const run = async (key: string) => (await plansRef.current.get(key)?.apply()) ?? "";
    const refused = tasks.filter(({ state }) => state === "failed");
    const show = (list: Task[]) => setTasks([...list, ...refused]);
    const ended = await runTasks(newTasks(possible.map(({ key }) => key)), run, show, () => stoppedRef.current);
    setPhase("over");
    tell(store, `${countText(countTasks(ended, "done"), "project")} changed, ${countTasks(ended, "failed")} failed`);
    await refresh();
  };
  const close = () => {
    stoppedRef.current = true;
    onClose();
  };
  return (
    <Dialog title="Review changes" onClose={close} wide>
      <p>
        {phase === "asking" && "Asking what would change. Nothing is written yet."}
        {phase === "review" && `Nothing is written yet. ${countText(possible.length, "project")} would change as follows.`}
        {phase === "applying" && "Writing, one project after the other."}
        {phase === "over" && "Done. What failed was not changed."}
      </p>
      <TaskList tasks={tasks} names={names} words={phase === "asking" || phase === "review" ? { done: "Would change", failed: "Not possible" } : { done: "Saved" }} />
      <DialogFoot>
        {phase !== "over" && (
          <button type="button" class="gl-primary" disabled={phase !== "review" || possible.length === 0} onClick={() => void apply()}>
            Apply to {countText(possible.length, "project")}
          </button>
        )}
        <button type="button" onClick={close}>
          {phase === "over" ? "Close" : phase === "applying" ? "Stop" : "Cancel"}
        </button>
      </DialogFoot>
    </Dialog>
  );
}
