// The minutes of a committee's sitting: what was decided on each project, and the comment that the project keeps.

export interface Sitting {
  date: string;
  body: string;
}

export interface AgendaDecision {
  key: string;
  name: string;
  decision: string | null;
  comment: string;
  /** null where it was saved; else why not */
  failure: string | null;
  saved: boolean;
}

/** Returns the comment with the sitting in front, as the project keeps it. */
export function withSitting(comment: string, { date, body }: Sitting): string {
  const sitting = [body.trim(), date].filter(Boolean).join(", ");
  return [sitting, comment.trim()].filter(Boolean).join(": ");
}

export function minutesText(sitting: Sitting, decisions: readonly AgendaDecision[]): string {
  const lines = decisions.map(({ key, name, decision, comment, saved, failure }, at) => {
    const result = saved ? (decision ?? "no decision") : failure === null ? "not decided" : `NOT SAVED: ${failure}`;
    return [`${at + 1}. ${name} (${key}): ${result}`, ...(comment.trim() ? [`   ${comment.trim().replaceAll("\n", "\n   ")}`] : [])].join("\n");
  });
  return [`Minutes${sitting.body ? ` of ${sitting.body}` : ""}${sitting.date ? `, ${sitting.date}` : ""}`, "", ...lines, ""].join("\n");
}

/** Returns the keys in a pasted text, each once: by commas, blanks or lines. */
export function pastedKeys(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
}
