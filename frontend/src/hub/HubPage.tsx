// The hub's configuration: who reviews what; managers and administrators change it, and see what changes before it is saved.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, messageOf } from "../live/api";
import { Button } from "../live/Button";
import { Failure } from "../live/Dialog";
import { useApp } from "../live/store";
import { Bdi, sentence } from "../live/text";
import { countText, timeText } from "../live/time";
import { configurationIn, formOf, type HubForm as Form } from "./form";
import { HubForm } from "./HubForm";
import type { Change, Hub } from "./types";

export function HubPage() {
  const { api, store } = useApp();
  const [hub, setHub] = useState<Hub | null>(null);
  const [form, setForm] = useState<Form | null>(null);
  // of another form, what was looked at is not what would be saved
  const [last, setLast] = useState<{ form: Form; changes: Change[] } | null>(null);
  const changes = last?.form === form ? last.changes : null;
  const [failure, setFailure] = useState<string | null>(null);
  const [stale, setStale] = useState(false);
  const [busy, setBusy] = useState(false);
  const show = useCallback((read: Hub) => {
    setHub(read);
    setForm(formOf(read));
    setFailure(null);
    setStale(false);
  }, []);
  const load = useCallback(() => api.hub().then(show, (error: unknown) => setFailure(messageOf(error))), [api, show]);
  useEffect(() => void load(), [load]);
  const ask = async (dryRun: boolean) => {
    if (hub === null || form === null || busy) return;
    setBusy(true);
    setFailure(null);
    try {
      const answer = await api.configureHub(hub.entry, configurationIn(form, hub), dryRun);
      if (dryRun) setLast({ form, changes: answer.changes ?? [] });
      else {
        show(answer);
        store.set({ status: `Recorded ${answer.recorded ?? ""}` });
        document.querySelector<HTMLElement>(".gl-hub h1")?.focus();
      }
    } catch (error) {
      setFailure(messageOf(error));
      setStale(error instanceof ApiError && error.status === 409);
      setLast(null);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="gl-page gl-hub">
      <h1 tabIndex={-1}>Hub: who reviews</h1>
      {hub === null && (failure === null ? <p class="gl-soft">Reading the hub…</p> : <p class="gl-failure">{failure}</p>)}
      {hub !== null && form !== null && (
        <>
          <InForce hub={hub} />
          <form onSubmit={(event) => event.preventDefault()}>
            <HubForm form={form} locked={hub.why_not !== null} nodeLocked={hub.why_not_node !== null} onChange={setForm} />
            {hub.why_not === null && (
              <div class="gl-hub-foot">
                <Failure message={failure} />
                {stale && <Button onPress={() => void load()}>Read it again, without my changes</Button>}
                {changes !== null && <Changes changes={changes} />}
                <p class="gl-row">
                  {changes !== null && changes.length > 0 ? (
                    <Button kind="primary" ready={!busy} onPress={() => void ask(false)}>
                      Save
                    </Button>
                  ) : (
                    <Button kind="primary" ready={!busy} onPress={() => void ask(true)}>
                      Review changes
                    </Button>
                  )}
                </p>
              </div>
            )}
          </form>
        </>
      )}
    </div>
  );
}

function InForce({ hub }: { hub: Hub }) {
  return (
    <>
      {hub.recorded !== undefined && (
        <p class="gl-banner gl-good" role="status">
          Recorded {hub.recorded}.
        </p>
      )}
      <p>
        In force since {timeText(hub.at)}, by <Bdi text={hub.by} />{" "}
        <span class="gl-soft">
          (entry {hub.entry.slice(0, 8)} of <Bdi text={hub.project_key} />)
        </span>
      </p>
      {hub.why_not !== null && <p class="gl-banner gl-note">{sentence(hub.why_not)}</p>}
    </>
  );
}

function Changes({ changes }: { changes: readonly Change[] }) {
  const headingRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => headingRef.current?.focus(), [changes]);
  return (
    <section aria-labelledby="hub-changes">
      <h2 id="hub-changes" ref={headingRef} tabIndex={-1}>
        {changes.length === 0 ? "Nothing changes" : countText(changes.length, "change")}
      </h2>
      <ul class="gl-list">
        {changes.map(({ place, from, to }) => (
          <li key={place}>
            <b>
              <Bdi text={place} />
            </b>
            : <Bdi text={changeText(from)} /> → <Bdi text={changeText(to)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function changeText(value: unknown): string {
  if (value === null || value === undefined) return "not set";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length === 0 ? "nobody" : value.map(changeText).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([name, part]) => `${name} ${changeText(part)}`).join(" ");
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
