// *Review changes*: what a bulk change or a moved card would do to each project, before anything is written; then it
// is done one by one, and failures are told by themselves. What a rule refuses can go on with a reason.
import { useEffect, useRef, useState } from "preact/hooks";
import { ReasonInput } from "../item/ActionDialog";
import { plan, type BulkChange, type Grounds, type Planned } from "./bulk";
import { Button } from "./Button";
import { tell, useApp } from "./store";
import { countTasks, newTasks, runTasks, withTasks, type Task } from "./tasks";
import { TasksDialog } from "./TasksDialog";
import { countText } from "./time";

interface Props {
  keys: readonly string[];
  change: BulkChange;
  onClose: () => void;
}

type Phase = "asking" | "review" | "applying" | "over";

const CLOSING: Record<Phase, string> = { asking: "Cancel", review: "Cancel", applying: "Stop", over: "Close" };

export function ReviewChanges({ keys, change, onClose }: Props) {
  const { api, store, refresh } = useApp();
  const [phase, setPhase] = useState<Phase>("asking");
  const [tasks, setTasks] = useState<Task[]>(() => newTasks(keys));
  const plansRef = useRef(new Map<string, Planned>());
  const stoppedRef = useRef(false);

  const ask = async (asked: readonly Task[], grounds: Grounds | null, isStopped: () => boolean): Promise<void> => {
    setPhase("asking");
    const run = async (key: string) => {
      const planned = await plan(api, key, change, grounds);
      plansRef.current.set(key, planned);
      return planned.says;
    };
    const show = (list: Task[]) => {
      if (!isStopped()) setTasks((before) => withTasks(before, list));
    };
    await runTasks(asked, run, show, isStopped);
    if (!isStopped()) setPhase("review");
  };
  useEffect(() => {
    // the dialog may be mounted anew: the reviewed list belongs to one of its lives
    let isGone = false;
    void ask(newTasks(keys), null, () => isGone);
    return () => {
      isGone = true;
    };
    // keys and change are those the dialog was opened with
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [api]);

  const possible = tasks.filter(({ state }) => state === "done");
  const refused = tasks.filter(({ state, overridable }) => state === "failed" && (overridable || change.kind === "close"));
  const apply = async () => {
    setPhase("applying");
    const run = async (key: string) => (await plansRef.current.get(key)?.apply()) ?? "";
    const show = (list: Task[]) => setTasks((before) => withTasks(before, list));
    const ended = await runTasks(newTasks(possible.map(({ key }) => key)), run, show, () => stoppedRef.current);
    setPhase("over");
    tell(store, `${countText(countTasks(ended, "done"), "project")} changed, ${countTasks(ended, "failed")} failed`);
    await refresh();
  };
  const close = () => {
    stoppedRef.current = true;
    onClose();
  };
  const isReview = phase === "asking" || phase === "review";
  return (
    <TasksDialog
      title="Review changes"
      tasks={tasks}
      words={isReview ? { done: "Would change", failed: "Not possible" } : { done: "Saved" }}
      label={phase === "over" ? null : `Apply to ${countText(possible.length, "project")}`}
      ready={phase === "review" && possible.length > 0}
      onGo={() => void apply()}
      closing={CLOSING[phase]}
      onClose={close}
      above={
        <p>
          {phase === "asking" && "Asking what would change. Nothing is written yet."}
          {phase === "review" && `Nothing is written yet. ${countText(possible.length, "project")} would change as follows.`}
          {phase === "applying" && "Writing, one project after the other."}
          {phase === "over" && "Done. What failed was not changed."}
        </p>
      }
      below={
        phase === "review" && refused.length > 0 ? (
          <GoOn count={refused.length} isClosing={change.kind === "close"} onReason={(grounds) => void ask(newTasks(refused.map(({ key }) => key)), grounds, () => stoppedRef.current)} />
        ) : null
      }
    />
  );
}

interface GoOnProps {
  count: number;
  isClosing: boolean;
  onReason: (grounds: Grounds) => void;
}

/** Asks for the reason without which it is not done: against a rule, or to close. */
function GoOn({ count, isClosing, onReason }: GoOnProps) {
  const [reason, setReason] = useState("");
  const given = reason.trim();
  return (
    <form
      class="gl-go-on"
      onSubmit={(event) => {
        event.preventDefault();
        if (given !== "") onReason({ reason: given, override: !isClosing });
      }}
    >
      <p>
        {isClosing
          ? "A project is closed with a reason, which its history keeps."
          : `Rules refuse ${countText(count, "project")}. With a reason it can be done against them: the history keeps it, and what is missing stays a problem.`}
      </p>
      <ReasonInput reason={reason} onChange={setReason} required />
      <Button submit ready={given !== ""}>
        {isClosing ? "Review with this reason" : "Review against the rules"}
      </Button>
    </form>
  );
}
