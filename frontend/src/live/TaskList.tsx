// The list of many projects and what became of each.
import type { ComponentChildren } from "preact";
import { Bdi } from "./text";
import { countTasks, type Task, type TaskState } from "./tasks";

const WORDS: Record<TaskState, string> = { waiting: "Waiting", running: "Working…", done: "Done", failed: "Failed" };

interface Props {
  tasks: readonly Task[];
  names: ReadonlyMap<string, string>;
  words?: Partial<Record<TaskState, string>>;
  children?: ComponentChildren;
}

export function TaskList({ tasks, names, words = {}, children }: Props) {
  const finished = countTasks(tasks, "done") + countTasks(tasks, "failed");
  const failed = countTasks(tasks, "failed");
  return (
    <>
      <p role="status">
        {finished} of {tasks.length}
        {failed > 0 && `, ${failed} failed`}
        {children}
      </p>
      <progress value={finished} max={tasks.length} aria-label="Progress" />
      <ul class="gl-tasks" tabIndex={0} aria-label="Projects">
        {tasks.map(({ key, state, message }) => (
          <li key={key} class={`gl-task-${state}`}>
            <b>
              <Bdi text={names.get(key) ?? key} />
            </b>{" "}
            <span class={state === "failed" ? "gl-error" : "gl-soft"}>
              {words[state] ?? WORDS[state]}
              {message !== "" && (
                <>
                  : <Bdi text={message} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
