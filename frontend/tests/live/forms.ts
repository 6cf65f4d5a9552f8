// A small form and item that the tests of the live page share.
import type { Form, FormField, Item, Move } from "../../src/live/types";

export function field(part: Partial<FormField> = {}): FormField {
  return {
    label: "Sponsor", help: null, kind: "line", role: null, choices: [], several: false, turned: false, value: null, origin: null,
    comment_path: null, required_for: [], trust: "recorded", problem: null, pending: false, ...part,
  };
}

export const finish: Move = {
  step: "scoping", status: "FINISHED", label: "Set as finished", says: "Will finish Scoping and start Build on Save",
  statuses: { scoping: "FINISHED", build: "ONGOING" }, needs_reason: false, allowed: true, why_not: null,
};

export function form(fields: Record<string, FormField> = {}): Form {
  return {
    can_edit: true, why_not: null, moves: [finish], actions: {},
    fields: { "overview.sponsor": field({ value: "Ana" }), "steps.scoping.notes": field({ label: "Notes", kind: "text", value: "old" }), ...fields },
    sections: [
      { id: "overview", name: "Overview", kind: "overview", paths: ["overview.sponsor"] },
      { id: "scoping", name: "Scoping", kind: "step", paths: ["steps.scoping.notes"] },
      { id: "build", name: "Build", kind: "step", paths: [] },
    ],
  };
}

export function item(part: Partial<Item> = {}): Item {
  const step = (id: string, name: string, status: string) => ({ id, name, status, started_on: null, finished_on: null, by: null });
  return {
    project_key: "CHURN", address: "CHURN", name: "Churn", url: null, governed: true, state: "governed", copied_from: null, revision: 7, current_step: "scoping",
    days_in_step: 3, stage: "scoping", steps: [step("scoping", "Scoping", "ONGOING"), step("build", "Build", "NOT_STARTED")],
    problems: [], events: [], closed: null, hidden: null, trust: "recorded", pending: [], labels: {}, owner: "ana", tags: [], overdue: false, stale: false,
    source: { description: null, created: null, last_modified: null, owner: null, url: null, tags: [] }, timeline: [], summary: null, form: form(), ...part,
  };
}
