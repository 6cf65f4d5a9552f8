// The steps in words and days.
import { daysBetween, daysText } from "../live/time";
import { itemHash } from "../live/route";
import type { Item, Step } from "../live/types";

const WORDS: Record<string, string> = { FINISHED: "Finished", ONGOING: "On going", NOT_STARTED: "Not started", SKIPPED: "Skipped" };
const MARKS: Record<string, string> = { FINISHED: "✓", ONGOING: "●", NOT_STARTED: "○", SKIPPED: "–" };

export const statusWord = (status: string): string => WORDS[status] ?? status;
export const statusMark = (status: string): string => MARKS[status] ?? "";

/** "Finished · 12 days", "On going · 24 days". */
export function stepWords(step: Step, now = new Date()): string {
  const days = step.status === "SKIPPED" || step.status === "NOT_STARTED" ? null : daysBetween(step.started_on, step.finished_on, now);
  return days === null ? statusWord(step.status) : `${statusWord(step.status)} · ${daysText(days)}`;
}

export function StepBar({ item, section }: { item: Item; section: string }) {
  return (
    <nav aria-label="Steps">
      <ol class="gl-steps">
        {item.steps.map((step) => (
          <li key={step.id} class={`gl-step gl-${step.status.toLowerCase()}`}>
            <a href={itemHash(item.address, step.id)} aria-current={step.id === section ? "step" : undefined}>
              <span class="gl-step-name">
                <span aria-hidden="true">{statusMark(step.status)} </span>
                {step.name}
              </span>
              <span class="gl-step-words">{stepWords(step)}</span>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
