// Many projects worked on one after the other in a dialog: what runs, what failed, and the way to try those again.
import { useRef, useState } from "preact/hooks";
import { tell, useApp } from "./store";
import { countTasks, newTasks, runTasks, type Task } from "./tasks";

export interface Tasks {
  tasks: readonly Task[];
  running: boolean;
  /** All were tried. */
  over: boolean;
  failed: number;
  /** Begins, or tries again those that failed. */
  start: () => Promise<Task[]>;
  /** Does not begin with another one. */
  stop: () => void;
}

/** `run` does one and returns what was done; `said` tells how all ended. */
export function useTasks(keys: readonly string[], run: (key: string) => Promise<string>, said: (done: number, failed: number) => string): Tasks {
  const { refresh, store } = useApp();
  const [tasks, setTasks] = useState<Task[]>([]);
  const [running, setRunning] = useState(false);
  const stoppedRef = useRef(false);
  const start = async () => {
    stoppedRef.current = false;
    setRunning(true);
    const ended = await runTasks(tasks.length > 0 ? tasks : newTasks(keys), run, setTasks, () => stoppedRef.current);
    setRunning(false);
    tell(store, said(countTasks(ended, "done"), countTasks(ended, "failed")));
    await refresh();
    return ended;
  };
  const stop = () => {
    stoppedRef.current = true;
  };
  return { tasks, running, over: tasks.length > 0 && !running, failed: countTasks(tasks, "failed"), start, stop };
}
