// Govern many projects with the same initiative and ratings, one by one.
import { useEffect, useState } from "preact/hooks";
import { governPaths, ValuesForm } from "../item/ValuesForm";
import { filledValues, messageOf } from "./api";
import { Dialog, DialogFoot, Failure } from "./Dialog";
import { useNames } from "./names";
import { useApp } from "./store";
import { TaskList } from "./TaskList";
import { countText } from "./time";
import type { Form, Values } from "./types";
import { useTasks } from "./useTasks";

export function GovernDialog({ keys, onClose }: { keys: readonly string[]; onClose: () => void }) {
  const { api } = useApp();
  const names = useNames();
  const [form, setForm] = useState<Form | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [values, setValues] = useState<Values>({});
  const first = keys[0] ?? "";
  useEffect(() => {
    api.item(first).then(
      (item) => setForm(item.form),
      (error: unknown) => setFailure(messageOf(error)),
    );
  }, [api, first]);

  const govern = async (key: string) => (await api.act(key, "govern", { values: filledValues(values) })).saved.sentence;
  const { tasks, running, over, failed, start, stop } = useTasks(keys, govern, (done, lost) => `${countText(done, "project")} governed, ${lost} failed`);
  const close = () => {
    stop();
    onClose();
  };
  const what = keys.length === 1 ? (names.get(first) ?? first) : countText(keys.length, "project");
  return (
    <Dialog title={`Govern ${what}`} onClose={close} wide>
      <Failure message={failure} />
      {tasks.length > 0 && <TaskList tasks={tasks} names={names} words={{ done: "Governed" }} />}
      {tasks.length === 0 && (
        <>
          <p>{keys.length === 1 ? "Its workflow begins" : "The workflow of each begins"} at the first step. What a project has already stays.</p>
          {form !== null && <ValuesForm form={form} paths={governPaths(form)} values={values} onChange={setValues} />}
        </>
      )}
      <DialogFoot>
        {(!over || failed > 0) && (
          <button type="button" class="gl-primary" disabled={running || form === null} onClick={() => void start()}>
            {running ? "Working…" : over ? `Try ${failed} again` : "Govern"}
          </button>
        )}
        <button type="button" onClick={close}>
          {over ? "Close" : running ? "Stop" : "Cancel"}
        </button>
      </DialogFoot>
    </Dialog>
  );
}
