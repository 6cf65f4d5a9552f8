// Emergencies: what passes now without approval, and, for those whom the hub names, letting it pass.
import { useId, useState } from "preact/hooks";
import { ActionDialog } from "../item/ActionDialog";
import { Bdi, capital } from "../live/text";
import { timeText } from "../live/time";
import type { Review } from "./types";

/** What runs is told to everybody who reads the review. */
export function RunningEmergencies({ review }: { review: Review }) {
  const running = review.emergencies ?? [];
  if (running.length === 0) return null;
  return (
    <div class="gl-banner gl-warn">
      <p>
        <b>Passes without approval, in an emergency</b>
      </p>
      <ul>
        {running.map(({ id, by, until, infrastructure, reason, ticket, unchanged }) => (
          <li key={id}>
            On <Bdi text={infrastructure} /> until {timeText(until)}: let pass by <Bdi text={by} />, ticket <Bdi text={ticket} />. Reason: <Bdi text={reason} />
            {!unchanged && " It is of an export before, and does not let this one pass."}
          </li>
        ))}
      </ul>
    </div>
  );
}

export interface EmergencyRequest {
  infrastructure: string;
  comment: string;
  ticket: string;
  hours: number;
}

interface Props {
  review: Review;
  /** Says what it would do, or does it. */
  onAsk: (request: EmergencyRequest, dryRun: boolean) => Promise<Review>;
  onClose: () => void;
}

/** Returns what a form asks for; null while something is missing. */
export function emergencyIn(fields: Record<"infrastructure" | "reason" | "ticket" | "hours", string>, maxHours: number): EmergencyRequest | null {
  const [infrastructure, comment, ticket] = [fields.infrastructure.trim(), fields.reason.trim(), fields.ticket.trim()];
  const hours = /^\d+$/.test(fields.hours.trim()) ? Number(fields.hours) : 0;
  if (infrastructure === "" || comment === "" || ticket === "" || hours < 1 || hours > maxHours) return null;
  return { infrastructure, comment, ticket, hours };
}

/** "on PROD until 28 Nov, 05:00; its review is due": times as people read them. */
export function passesText(passes: string | null | undefined): string {
  return (passes ?? "").replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, (time) => timeText(time));
}

export function EmergencyDialog({ review, onAsk, onClose }: Props) {
  const { infrastructures = [], max_hours: maxHours = 0 } = review.you.emergency ?? {};
  const only = infrastructures.length === 1 ? infrastructures[0] : undefined;
  const [fields, setFields] = useState({ infrastructure: only ?? "", reason: "", ticket: "", hours: "24" });
  // of other fields, what was looked at is not what would be recorded
  const [last, setLast] = useState<{ fields: typeof fields; review: Review } | null>(null);
  const looked = last?.fields === fields ? last.review : null;
  const request = emergencyIn(fields, maxHours);
  const look = async () => {
    if (request !== null) setLast({ fields, review: await onAsk(request, true) });
  };
  const pass = async () => {
    if (request === null) return;
    await onAsk(request, false);
    onClose();
  };
  const field = (name: keyof typeof fields, label: string, list: readonly string[] = []) => (
    <TextField
      label={label}
      list={list}
      value={fields[name]}
      onChange={(value) => setFields({ ...fields, [name]: value })}
    />
  );
  return (
    <ActionDialog title="Let it pass in an emergency" label={looked === null ? "Look what it does" : "Let it pass"} ready={request !== null} onDo={looked === null ? look : pass} onClose={onClose}>
      <p>
        <Bdi text={capital(review.label)} /> may then be deployed once without approval, on one infrastructure, within some hours. Its review stays due; it stands at <b>{review.status_label}</b>.
      </p>
      {field("infrastructure", "Infrastructure of the Deployer (its id)", infrastructures)}
      {field("reason", "Why it cannot wait")}
      {field("ticket", "Ticket in which it is followed up")}
      {field("hours", `For how many hours (1 to ${maxHours})`)}
      {looked !== null && <Looked review={looked} />}
    </ActionDialog>
  );
}

function Looked({ review }: { review: Review }) {
  const { mail = [], not_told: notTold = [] } = review;
  return (
    <div class="gl-go-on" role="status">
      <p>
        <Bdi text={capital(review.label)} /> passes <Bdi text={passesText(review.passes)} />.
      </p>
      <p>It is recorded in the hub under your name, for good.{mail.map((told) => ` Mail ${told}.`)}</p>
      {notTold.length > 0 && <p>Not told by mail: {notTold.join("; ")}</p>}
    </div>
  );
}

function TextField({ label, value, list, onChange }: { label: string; value: string; list: readonly string[]; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div class="gl-field">
      <label class="gl-label" for={id}>
        {label}
      </label>
      <input type="text" id={id} dir="auto" required list={list.length > 0 ? `${id}-list` : undefined} value={value} onInput={(event) => onChange(event.currentTarget.value)} />
      {list.length > 0 && (
        <datalist id={`${id}-list`}>
          {list.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
    </div>
  );
}
