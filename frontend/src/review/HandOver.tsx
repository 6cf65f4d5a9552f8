// A review handed over: to whom, as what, until when; a governance manager does it for somebody absent, too, and says why.
import { useEffect, useId, useState } from "preact/hooks";
import { ActionDialog, ReasonInput } from "../item/ActionDialog";
import { useApp } from "../live/store";
import type { Person } from "../live/types";
import type { Review, ReviewAct } from "./types";
import { ROLES } from "./words";

interface Props {
  review: Review;
  onAct: (act: ReviewAct, form: Record<string, string>) => void;
  onClose: () => void;
}

export function HandOver({ review, onAct, onClose }: Props) {
  const { own, others } = review.you.hand_over;
  const { api } = useApp();
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [to, setTo] = useState("");
  const [of, setOf] = useState("");
  const [until, setUntil] = useState("");
  const [reason, setReason] = useState("");
  const isOwn = of.trim() === "";
  const roles = isOwn ? own : others;
  const [role, setRole] = useState("");
  const chosen = roles.includes(role) ? role : (roles[0] ?? "");
  const id = useId();
  useEffect(() => {
    // without the list a login is typed
    api.people().then((answer) => setPeople(answer.people), () => undefined);
  }, [api]);
  const handOver = () => {
    const form: Record<string, string> = { to: to.trim(), group: chosen };
    if (!isOwn) Object.assign(form, { of: of.trim() });
    if (until !== "") Object.assign(form, { until: `${until}T23:59:59Z` });
    if (reason.trim() !== "") Object.assign(form, { comment: reason.trim() });
    onClose();
    onAct("delegate", form);
  };
  return (
    <ActionDialog title="Hand over" label="Hand over" ready={to.trim() !== "" && chosen !== "" && (isOwn || reason.trim() !== "")} onDo={handOver} onClose={onClose}>
      <datalist id={`${id}-people`}>
        {people.map(({ login, name }) => (
          <option key={login} value={login}>
            {name}
          </option>
        ))}
      </datalist>
      <div class="gl-field">
        <label class="gl-label" for={`${id}-to`}>
          To (login)
        </label>
        <input type="text" id={`${id}-to`} list={`${id}-people`} value={to} onInput={(event) => setTo(event.currentTarget.value)} />
      </div>
      {others.length > 0 && (
        <div class="gl-field">
          <label class="gl-label" for={`${id}-of`}>
            Whose review (login){own.length > 0 ? "; empty: mine" : ""}
          </label>
          <input type="text" id={`${id}-of`} list={`${id}-people`} value={of} onInput={(event) => setOf(event.currentTarget.value)} />
        </div>
      )}
      {roles.length > 0 && (
        <div class="gl-field">
          <label class="gl-label" for={`${id}-role`}>
            As
          </label>
          <select id={`${id}-role`} value={chosen} onChange={(event) => setRole(event.currentTarget.value)}>
            {roles.map((name) => (
              <option key={name} value={name}>
                {ROLES[name] ?? name}
              </option>
            ))}
          </select>
        </div>
      )}
      <div class="gl-field">
        <label class="gl-label" for={`${id}-until`}>
          Until, inclusive (UTC); empty: until the review ends
        </label>
        <input type="date" id={`${id}-until`} value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
      </div>
      <ReasonInput reason={reason} onChange={setReason} required={!isOwn} />
    </ActionDialog>
  );
}
