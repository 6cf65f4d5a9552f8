// The foot of a review: the comment, one button for what is mostly done, the rest under *More*.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Failure } from "../live/Dialog";
import { sentence } from "../live/text";
import type { Review, ReviewAct } from "./types";
import { FEEDBACK, ROLES } from "./words";

const LABELS: Record<ReviewAct, string> = {
  request_feedback: "Ask for feedback", request_approval: "Ask for the final approval", feedback: "Give feedback", approve: "Approve",
  delegate: "Hand over…", reject: "Reject", back: "Send back to feedback", abandon: "Abandon", cancel: "Take back the abandonment", reset: "Reset",
};
const ORDER: ReviewAct[] = ["approve", "feedback", "request_approval", "request_feedback", "reject", "back", "cancel", "reset", "abandon"];

/** Returns what this person may do now, what is mostly done first. */
export function possibleActs(review: Review): ReviewAct[] {
  return ORDER.filter((act) => review.you.may[act] === null);
}

interface Props {
  review: Review;
  busy: boolean;
  failure: string | null;
  onAct: (act: ReviewAct, form: Record<string, string>) => void;
  /** What else can be done, each in a dialog of its own. */
  others: readonly OtherAct[];
}

export interface OtherAct {
  label: string;
  onOpen: () => void;
}

/** What is done less often. */
export function More({ busy, others, children }: { busy: boolean; others: readonly OtherAct[]; children?: ComponentChildren }) {
  return (
    <details>
      <summary>More</summary>
      <p class="gl-row">
        {children}
        {others.map(({ label, onOpen }) => (
          <button key={label} type="button" aria-disabled={busy} onClick={() => !busy && onOpen()}>
            {label}
          </button>
        ))}
      </p>
    </details>
  );
}

export function TakePart({ review, busy, failure, onAct, others }: Props) {
  const [comment, setComment] = useState("");
  const [feedback, setFeedback] = useState("approved");
  const [group, setGroup] = useState(review.you.groups[0] ?? "");
  const [missing, setMissing] = useState<string | null>(null);
  const id = useId();
  const [first, ...rest] = possibleActs(review);
  if (first === undefined) return null;
  const act = (wanted: ReviewAct) => {
    if (busy) return;
    const needsWords = wanted === "reject" || (wanted === "feedback" && feedback === "major_issue");
    if (needsWords && comment.trim() === "") {
      setMissing("Say why: who reads it must know what to do.");
      document.getElementById(id)?.focus();
      return;
    }
    setMissing(null);
    const form: Record<string, string> = comment.trim() === "" ? {} : { comment: comment.trim() };
    if (wanted === "feedback") Object.assign(form, { feedback, group });
    onAct(wanted, form);
  };
  return (
    <form class="gl-take-part" onSubmit={(event) => event.preventDefault()}>
      <h2>Your part</h2>
      <label class="gl-label" for={id}>
        Comment
      </label>
      <p id={`${id}-help`} class="gl-help">
        Needed to reject, and for a major issue.
      </p>
      <textarea id={id} rows={3} dir="auto" aria-describedby={`${id}-help ${id}-missing`} aria-invalid={missing !== null} value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
      <p id={`${id}-missing`} role="alert" class="gl-error">
        {missing}
      </p>
      {[first, ...rest].includes("feedback") && (
        <p class="gl-row">
          <label>
            Feedback{" "}
            <select value={feedback} onChange={(event) => setFeedback(event.currentTarget.value)}>
              {FEEDBACK.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>{" "}
          {review.you.groups.length > 1 && (
            <label>
              As{" "}
              <select value={group} onChange={(event) => setGroup(event.currentTarget.value)}>
                {review.you.groups.map((name) => (
                  <option key={name} value={name}>
                    {ROLES[name] ?? name}
                  </option>
                ))}
              </select>
            </label>
          )}
        </p>
      )}
      <Failure message={failure} />
      <p class="gl-row">
        <button type="button" class="gl-primary" aria-disabled={busy} onClick={() => act(first)}>
          {LABELS[first]}
        </button>
      </p>
      {rest.length + others.length > 0 && (
        <More busy={busy} others={others}>
          {rest.map((other) => (
            <button key={other} type="button" aria-disabled={busy} onClick={() => act(other)}>
              {LABELS[other]}
            </button>
          ))}
        </More>
      )}
      {review.you.may.approve != null && review.open && <p class="gl-soft">You cannot approve this: {sentence(review.you.may.approve)}</p>}
    </form>
  );
}
