// Govern many projects with the same initiative and ratings, one by one.
import { useRef, useState } from "preact/hooks";
import { governPaths, ValuesForm } from "../item/ValuesForm";
import { filledValues } from "./api";
import { Failure } from "./Dialog";
import { useNames } from "./rows";
import { tell, useApp, useFormOf } from "./store";
import { countTasks, newTasks, runTasks, type Task } from "./tasks";
import { TasksDialog } from "./TasksDialog";
import { countText } from "./time";
import type { Values } from "./types";

export function GovernDialog({ keys, onClose }: { keys: readonly string[]; onClose: () => void }) {
  const { api, refresh, store } = useApp();
  const names = useNames();
  const [first = ""] = keys;
  const { form, failure } = useFormOf(first);
  const [values, setValues] = useState<Values>({});
  const [tasks, setTasks] = useState<Task[]>([]);
  const [running, setRunning] = useState(false);
  const stoppedRef = useRef(false);

  const govern = async () => {
    setRunning(true);
    const body = { values: filledValues(values) };
    const run = async (key: string) => (await api.act(key, "govern", body)).saved.sentence;
    const ended = await runTasks(tasks.length > 0 ? tasks : newTasks(keys), run, setTasks, () => stoppedRef.current);
    setRunning(false);
    tell(store, `${countText(countTasks(ended, "done"), "project")} governed, ${countTasks(ended, "failed")} failed`);
    await refresh();
  };
  const close = () => {
    stoppedRef.current = true;
    onClose();
  };
  const failed = countTasks(tasks, "failed");
  const over = tasks.length > 0 && !running;
  const what = keys.length === 1 ? (names.get(first) ?? first) : countText(keys.length, "project");
  return (
    <TasksDialog
      title={`Govern ${what}`}
      tasks={tasks}
      words={{ done: "Governed" }}
      label={over && failed === 0 ? null : running ? "Working…" : over ? `Try ${failed} again` : "Govern"}
      ready={!running && form !== null}
      onGo={() => void govern()}
      closing={over ? "Close" : running ? "Stop" : "Cancel"}
      onClose={close}
      above={
        <>
          <Failure message={failure} />
          {tasks.length === 0 && (
            <>
              <p>{keys.length === 1 ? "Its workflow begins" : "The workflow of each begins"} at the first step. What a project has already stays.</p>
              {form !== null && <ValuesForm form={form} paths={governPaths(form)} values={values} onChange={setValues} />}
            </>
          )}
        </>
      }
    />
  );
}
