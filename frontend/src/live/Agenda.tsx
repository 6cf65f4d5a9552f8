// A committee's sitting: one project after another, decided by keyboard, each saved by itself; minutes at the end.
import { useEffect, useState } from "preact/hooks";
import { useDrafts } from "../item/useEditor";
import { AgendaItem } from "./AgendaItem";
import { Button } from "./Button";
import { Minutes } from "./Minutes";
import { pastedKeys, sittingOf, type AgendaDecision, type Sitting, type SittingDraft } from "./sitting";
import { useNames } from "./rows";
import { useApp, useAppState } from "./store";

// no project has a key with a blank
const DRAFT = "the agenda";

export function Agenda() {
  const drafts = useDrafts<SittingDraft>();
  const chosen = useAppState((state) => state.agenda);
  const [kept] = useState(() => drafts.find(DRAFT)?.content ?? null);
  const [left, setLeft] = useState(false);
  const { store } = useApp();
  // an agenda that was chosen goes before the one that this browser kept
  const keys = chosen.length > 0 ? chosen : left ? [] : (kept?.keys ?? []);
  const leave = () => {
    drafts.drop(DRAFT);
    setLeft(true);
    store.set({ agenda: [] });
  };
  return (
    <div class="gl-page gl-agenda">
      <h1 tabIndex={-1}>Agenda</h1>
      {keys.length === 0 ? <Paste /> : <SittingView key={keys.join()} keys={keys} kept={left ? null : kept} onLeave={leave} />}
    </div>
  );
}

function Paste() {
  const { store } = useApp();
  const names = useNames();
  const [text, setText] = useState("");
  const keys = pastedKeys(text);
  const unknown = names.size === 0 ? [] : keys.filter((key) => !names.has(key));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (keys.length > 0 && unknown.length === 0) store.set({ agenda: keys });
      }}
    >
      <label class="gl-label" for="agenda-keys">
        Project keys
      </label>
      <p id="agenda-keys-help" class="gl-help">
        Paste the keys of the projects to decide on, in their order, or select projects on the page Projects.
      </p>
      <textarea id="agenda-keys" aria-describedby="agenda-keys-help agenda-unknown" rows={5} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <p id="agenda-unknown" role="status" class={unknown.length > 0 ? "gl-error" : "gl-soft"}>
        {unknown.length > 0 && `You see no project of this key: ${unknown.join(", ")}`}
      </p>
      <Button kind="primary" submit ready={keys.length > 0 && unknown.length === 0}>
        Begin
      </Button>
    </form>
  );
}

function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

interface SittingProps {
  keys: readonly string[];
  kept: SittingDraft | null;
  onLeave: () => void;
}

function SittingView({ keys, kept, onLeave }: SittingProps) {
  const drafts = useDrafts<SittingDraft>();
  const names = useNames();
  const [state, setState] = useState<SittingDraft>(() => sittingOf(keys, kept, today()));
  // a reload, or a look at a project meanwhile, loses no comment
  useEffect(() => void drafts.keep(DRAFT, state), [drafts, state]);
  const { sitting, place: at, decisions } = state;
  const setSitting = (changed: Sitting) => setState((before) => ({ ...before, sitting: changed }));
  const setAt = (place: number) => setState((before) => ({ ...before, place }));
  const blank = (key: string): AgendaDecision => ({ key, name: names.get(key) ?? key, decision: null, comment: "", failure: null, saved: false });
  const all = keys.map((key) => decisions[key] ?? blank(key));
  const key = keys[at];
  const current = all[at];
  const saved = all.filter((decision) => decision.saved).length;
  const failed = all.filter((decision) => decision.failure !== null).length;
  return (
    <>
      <div class="gl-sitting">
        <label>
          Meeting date <input type="date" value={sitting.date} onInput={(event) => setSitting({ ...sitting, date: event.currentTarget.value })} />
        </label>
        <label>
          Body <input type="text" dir="auto" placeholder="Steering committee" value={sitting.body} onInput={(event) => setSitting({ ...sitting, body: event.currentTarget.value })} />
        </label>
        <span role="status" class="gl-soft">
          {saved} of {keys.length} saved{failed > 0 && `, ${failed} failed`}
        </span>
        <button type="button" class="gl-quiet" onClick={onLeave}>
          Another agenda
        </button>
      </div>
      {key !== undefined && current !== undefined ? (
        <AgendaItem
          key={key}
          projectKey={key}
          place={`${at + 1} of ${keys.length}`}
          sitting={sitting}
          decision={current}
          onChange={(changed) => setState((before) => ({ ...before, decisions: { ...before.decisions, [key]: changed } }))}
          onPrevious={at > 0 ? () => setAt(at - 1) : null}
          onNext={() => setAt(at + 1)}
        />
      ) : (
        <Minutes sitting={sitting} decisions={all} onBack={(place) => setAt(place)} />
      )}
    </>
  );
}
