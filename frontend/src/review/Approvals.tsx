// The register of approvals, for an auditor: who did what when, what it was about, and whether the ledger is whole.
import { useEffect, useState } from "preact/hooks";
import { messageOf } from "../live/api";
import { Button } from "../live/Button";
import { Failure } from "../live/Dialog";
import { download } from "../live/download";
import { hashOf } from "../live/route";
import { useApp } from "../live/store";
import { Bdi, capital, sentence } from "../live/text";
import { countText, timeText } from "../live/time";
import type { Approval, Approvals as Register } from "./types";
import { useStepName } from "./Waiting";
import { ACTS, namesText, valueText } from "./words";

const BLANK = { item: "", by: "", act: "", since: "", until: "" };
type Filter = typeof BLANK;

export function Approvals() {
  const { api } = useApp();
  const [filter, setFilter] = useState<Filter>(BLANK);
  const [register, setRegister] = useState<Register | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    // what is typed is asked for once it stands still
    const timer = setTimeout(() => {
      api.approvals(filter).then(
        (answer) => {
          if (!current) return;
          setRegister(answer);
          setFailure(null);
        },
        (error: unknown) => {
          if (!current) return;
          // what another filter found is not what this one asks for
          setRegister(null);
          setFailure(messageOf(error));
        },
      );
    }, 250);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [api, filter]);
  const change = (name: keyof Filter) => (event: Event) => {
    const { value } = event.currentTarget as HTMLInputElement | HTMLSelectElement;
    setFilter((before) => ({ ...before, [name]: value }));
  };
  return (
    <div class="gl-page gl-approvals">
      <h1 tabIndex={-1}>Approvals</h1>
      <p>
        <a href={hashOf("hub")}>Hub: who reviews</a>
      </p>
      <form class="gl-row" role="search" aria-label="Filter the register" onSubmit={(event) => event.preventDefault()}>
        <label>
          Item <input type="search" placeholder="Key, or a part of it" value={filter.item} onInput={change("item")} />
        </label>
        <label>
          Person <input type="search" placeholder="Login" value={filter.by} onInput={change("by")} />
        </label>
        <label>
          What{" "}
          <select value={filter.act} onChange={change("act")}>
            <option value="">All</option>
            {ACTS.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          From <input type="date" value={filter.since} onInput={change("since")} />
        </label>
        <label>
          To <input type="date" value={filter.until} onInput={change("until")} />
        </label>
      </form>
      <div role="alert">{failure !== null && <p class="gl-failure">{failure}</p>}</div>
      {register === null ? failure === null && <p class="gl-soft">Reading the register…</p> : <Found register={register} filter={filter} />}
    </div>
  );
}

function Found({ register, filter }: { register: Register; filter: Filter }) {
  const { entries, found, all, breaks } = register;
  return (
    <>
      <p class={breaks.length > 0 ? "gl-banner gl-warn" : "gl-soft"}>
        {breaks.length === 0
          ? `Verified ${timeText(register.checked_at)}: nothing was changed or taken away.`
          : `Verified ${timeText(register.checked_at)}: ${countText(breaks.length, "break")}. ${sentence(breaks[0]?.message ?? "")}`}
      </p>
      <div class="gl-toolbar">
        <p role="status">
          {found.toLocaleString("en")} of {countText(all, "entry", "entries")}
          {entries.length < found && `; the latest ${entries.length.toLocaleString("en")} are shown`}
        </p>
        {found > 0 && <Export filter={filter} found={found} />}
      </div>
      <ul class="gl-list">
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
    </>
  );
}

/** The file holds all that the filter finds, and is made by the server. */
function Export({ filter, found }: { filter: Filter; found: number }) {
  const { api } = useApp();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const save = async () => {
    setBusy(true);
    setFailure(null);
    try {
      download("approvals.csv", await api.approvalsFile(filter));
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button ready={!busy} onPress={() => void save()}>
        {busy ? "Exporting…" : found === 1 ? "Export" : `Export all ${found.toLocaleString("en")}`}
      </Button>
      <Failure message={failure} />
    </>
  );
}

function Entry({ entry }: { entry: Approval }) {
  const asked = Object.entries(entry.reviewers);
  const values = entry.values.map(({ label, value }) => [label, valueText(value)] as const).filter(([, text]) => text !== "");
  const step = useStepName(entry.item, entry.step);
  const isOfHub = entry.act === "configuration";
  const subject = Object.entries(entry.subject ?? {}).filter(([, value]) => typeof value !== "object");
  return (
    <li>
      <span class="gl-soft">{timeText(entry.at)}</span> <Bdi text={entry.by} /> {entry.words}
      {!isOfHub && (
        <>
          : <Bdi text={entry.item} />
          {step !== "" && `, ${step}`}
        </>
      )}
      <span class="gl-soft">
        {entry.role !== null && ` · as ${entry.role}`}
        {entry.for !== null && ` for ${entry.for}`}
        {entry.feedback !== null && ` · ${entry.feedback.replace("_", " ")}`}
      </span>
      {entry.comment !== null && (
        <>
          {" · "}
          <Bdi text={entry.comment} />
        </>
      )}
      <details>
        <summary>{isOfHub ? "Entry" : "What was seen"}</summary>
        <dl class="gl-fields">
          <Line label="Entry" text={entry.id} />
          {subject.map(([name, value]) => (
            <Line key={name} label={capital(name.replaceAll("_", " "))} text={name.endsWith("_on") && typeof value === "number" ? new Date(value).toISOString() : valueText(value)} />
          ))}
          {asked.map(([role, names]) => (
            <Line key={role} label={`Asked: ${role.replaceAll("_", " ")}`} text={namesText(names)} />
          ))}
          {values.map(([label, text]) => (
            <Line key={label} label={label} text={text} />
          ))}
        </dl>
      </details>
    </li>
  );
}

function Line({ label, text }: { label: string; text: string }) {
  return (
    <div class="gl-field">
      <dt class="gl-label">{label}</dt>
      <dd>
        <Bdi text={text} />
      </dd>
    </div>
  );
}
