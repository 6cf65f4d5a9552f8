// The frame of what is done to many projects one by one: what is asked first, the list of them, and the buttons.
import type { ComponentChildren } from "preact";
import { Button } from "./Button";
import { Dialog, DialogFoot } from "./Dialog";
import { useNames } from "./rows";
import { TaskList } from "./TaskList";
import type { Task, TaskState } from "./tasks";

interface Props {
  title: string;
  tasks: readonly Task[];
  words: Partial<Record<TaskState, string>>;
  /** What the button says that goes on; null where nothing is left to do. */
  label: string | null;
  ready: boolean;
  onGo: () => void;
  /** What the button says that ends it. */
  closing: string;
  onClose: () => void;
  /** What stands above the list, and below it. */
  above: ComponentChildren;
  below?: ComponentChildren;
}

export function TasksDialog({ title, tasks, words, label, ready, onGo, closing, onClose, above, below }: Props) {
  const names = useNames();
  return (
    <Dialog title={title} onClose={onClose} wide>
      {above}
      {tasks.length > 0 && <TaskList tasks={tasks} names={names} words={words} />}
      {below}
      <DialogFoot>
        {label !== null && (
          <Button kind="primary" ready={ready} onPress={onGo}>
            {label}
          </Button>
        )}
        <Button onPress={onClose}>{closing}</Button>
      </DialogFoot>
    </Dialog>
  );
}
