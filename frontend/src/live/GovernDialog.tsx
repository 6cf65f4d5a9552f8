// Govern many projects with the same initiative and ratings, one by one.
import { useState } from "preact/hooks";
import { governPaths, ValuesForm } from "../item/ValuesForm";
import { filledValues } from "./api";
import { Failure } from "./Dialog";
import { useNames } from "./rows";
import { useItem } from "./query";
import { useApp } from "./store";
import { TasksDialog } from "./TasksDialog";
import { countText } from "./time";
import type { Values } from "./types";
import { useTasks } from "./useTasks";

export function GovernDialog({ keys, onClose }: { keys: readonly string[]; onClose: () => void }) {
  const { api } = useApp();
  const names = useNames();
  const [first = ""] = keys;
  // of many projects, the first one tells which fields there are
  const { answer, failure } = useItem(first);
  const form = answer?.form ?? null;
  const [values, setValues] = useState<Values>({});
  const govern = async (key: string) => (await api.act(key, "govern", { values: filledValues(values) })).saved.sentence;
  const { tasks, running, over, failed, start, stop } = useTasks(keys, govern, (done, lost) => `${countText(done, "project")} governed, ${lost} failed`);
  const close = () => {
    stop();
    onClose();
  };
  const what = keys.length === 1 ? (names.get(first) ?? first) : countText(keys.length, "project");
  return (
    <TasksDialog
      title={`Govern ${what}`}
      tasks={tasks}
      words={{ done: "Governed" }}
      label={over && failed === 0 ? null : running ? "Working…" : over ? `Try ${failed} again` : "Govern"}
      ready={!running && form !== null}
      onGo={() => void start()}
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
