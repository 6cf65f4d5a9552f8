// Reviews in words: what is asked, what a value is, who was asked.
import { isSafeLink } from "../live/text";
import { fullDateText } from "../live/time";
import type { Review } from "./types";

export const FEEDBACK: [string, string][] = [
  ["approved", "Approved"],
  ["minor_issue", "Minor issue"],
  ["major_issue", "Major issue"],
];

export const ROLES: Record<string, string> = {
  final_approvers: "final approver", it_operations: "IT & Operations", risk_compliance: "Risk & Compliance", business: "Business",
};

/** Returns "Waiting for approval" for a status of a sign-off. */
export function statusWords(status: string): string {
  return status.charAt(0) + status.slice(1).toLowerCase().replaceAll("_", " ");
}

/** The same for an item of a list, where "Not started" would be read as that of its steps. */
export function standing(status: string): string {
  return status === "NOT_STARTED" ? "Not asked" : statusWords(status);
}

/** "Approve bundle v12 of CHURN?" while it is open, else what came of it. */
export function question(review: Review): string {
  if (review.open) return `Approve ${review.label}?`;
  return `${review.label.charAt(0).toUpperCase()}${review.label.slice(1)}: ${review.status_label.toLowerCase()}`;
}

/** Returns a value of a field as text; documents by their titles. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map(valueText).filter(Boolean).join(", ");
  if (typeof value === "object") {
    const held = value as Record<string, unknown>;
    if (typeof held["begins"] === "string") return `${held["begins"]}…`;
    const [title, url] = [held["title"] ?? held["name"], held["url"] ?? held["link"]];
    return [title, typeof url === "string" && isSafeLink(url) ? url : null].filter((part) => typeof part === "string" && part !== "").join(": ");
  }
  if (typeof value === "boolean") return value ? "Yes" : "No";
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Returns "ana, group board" for the names of a role. */
export function namesText(names: readonly string[]): string {
  return names.map((name) => (name.startsWith("user:") ? name.slice(5) : name.replace(/^group:/, "group "))).join(", ");
}

/** Returns what DSS stamped the item with, as lines of a list. */
export function subjectLines(review: Review): [string, string][] {
  const subject = review.subject ?? {};
  const time = (name: string): string | null => {
    const stamp = subject[name];
    return typeof stamp === "number" ? `${fullDateText(new Date(stamp).toISOString())}, ${new Date(stamp).toLocaleTimeString("en-GB")}` : null;
  };
  const text = (name: string): string | null => (typeof subject[name] === "string" ? subject[name] : null);
  const lines: [string, string | null][] = [
    ["Bundle", text("bundle")],
    ["Exported", time("exported_on")],
    ["Exported by", text("exported_by")],
    ["Model", text("model")],
    ["Version", text("version")],
    ["Trained", time("trained_on")],
    ["Definition", text("definition")?.slice(0, 12) ?? null],
    ["Step", review.kind === "project" ? review.step_name : null],
  ];
  return lines.filter((line): line is [string, string] => line[1] !== null);
}

/** What is done in sign-offs, as the register names it. */
export const ACTS: [string, string][] = [
  ["approve", "Approved"], ["reject", "Rejected"], ["abandon", "Abandoned"], ["request_feedback", "Asked for feedback"],
  ["request_approval", "Asked for the final approval"], ["feedback", "Gave feedback"], ["back", "Sent back to feedback"],
  ["cancel", "Took back an abandonment"], ["reset", "Reset"], ["delegate", "Handed over"], ["emergency", "Emergency"], ["attestation", "Attested"], ["govern", "Said in Govern"], ["configuration", "Configuration"],
];
