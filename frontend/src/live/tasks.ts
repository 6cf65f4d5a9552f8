// Many projects, one after the other: each is told by itself, and a failure stops none of the others.
import { messageOf } from "./api";

export type TaskState = "waiting" | "running" | "done" | "failed";

export interface Task {
  key: string;
  state: TaskState;
  /** what was or would be done, or what went wrong */
  message: string;
}

export function newTasks(keys: readonly string[]): Task[] {
  return keys.map((key) => ({ key, state: "waiting", message: "" }));
}

/** Runs one task after the other, and shows the list after each change; what is done already is left. */
export async function runTasks(tasks: readonly Task[], run: (key: string) => Promise<string>, show: (tasks: Task[]) => void, isStopped: () => boolean = () => false): Promise<Task[]> {
  let current = [...tasks];
  const put = (key: string, state: TaskState, message: string) => {
    current = current.map((task) => (task.key === key ? { key, state, message } : task));
    show(current);
  };
  for (const { key, state } of tasks) {
    if (isStopped()) break;
    if (state === "done") continue;
    put(key, "running", "");
    try {
      put(key, "done", await run(key));
    } catch (error) {
      put(key, "failed", messageOf(error));
    }
  }
  return current;
}

export function countTasks(tasks: readonly Task[], state: TaskState): number {
  return tasks.filter((task) => task.state === state).length;
}
