// Many projects, one after the other: each is told by itself, and a failure stops none of the others.
import { isOverridable, messageOf } from "./api";

export type TaskState = "waiting" | "running" | "done" | "failed";

export interface Task {
  key: string;
  state: TaskState;
  /** what was or would be done, or what went wrong */
  message: string;
  /** whether only a rule refused it, so that it can be done with a reason */
  overridable: boolean;
}

export function newTasks(keys: readonly string[]): Task[] {
  return keys.map((key) => ({ key, state: "waiting", message: "", overridable: false }));
}

/** Returns the tasks, in their order, as a list of some of them says. */
export function withTasks(tasks: readonly Task[], others: readonly Task[]): Task[] {
  const byKey = new Map(others.map((task) => [task.key, task]));
  return tasks.map((task) => byKey.get(task.key) ?? task);
}

/** Runs one task after the other, and shows the list after each change; what is done already is left. */
export async function runTasks(tasks: readonly Task[], run: (key: string) => Promise<string>, show: (tasks: Task[]) => void, isStopped: () => boolean = () => false): Promise<Task[]> {
  let current = [...tasks];
  const put = (key: string, state: TaskState, message: string, overridable = false) => {
    current = current.map((task) => (task.key === key ? { key, state, message, overridable } : task));
    show(current);
  };
  for (const { key, state } of tasks) {
    if (isStopped()) break;
    if (state === "done") continue;
    put(key, "running", "");
    try {
      put(key, "done", await run(key));
    } catch (error) {
      put(key, "failed", messageOf(error), isOverridable(error));
    }
  }
  return current;
}

export function countTasks(tasks: readonly Task[], state: TaskState): number {
  return tasks.filter((task) => task.state === state).length;
}
