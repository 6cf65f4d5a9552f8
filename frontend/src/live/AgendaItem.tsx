// One project of a sitting: its qualification at the left, decision and comment at the right.
import { useEffect, useRef, useState } from "preact/hooks";
import { FieldEdit } from "../item/FieldEdit";
import { documentsOf, isBlank, valueText } from "../item/edit";
import { placedFields } from "../item/order";
import { ApiError, messageOf } from "./api";
import { Button } from "./Button";
import { Failure } from "./Dialog";
import { withSitting, type AgendaDecision, type Sitting } from "./sitting";
import { itemHash } from "./route";
import { tell, useApp } from "./store";
import { Bdi, sentence } from "./text";
import type { FormField, Item, Section } from "./types";

interface Props {
  projectKey: string;
  place: string;
  sitting: Sitting;
  decision: AgendaDecision;
  onChange: (decision: AgendaDecision) => void;
  onPrevious: (() => void) | null;
  onNext: () => void;
}

interface DecisionField {
  path: string;
  field: FormField;
  comment: string | null;
  section: Section | undefined;
}

function decisionField(item: Item): DecisionField | null {
  const [path, field] = Object.entries(item.form.fields).find(([, { role }]) => role === "decision") ?? [];
  if (path === undefined || field === undefined) return null;
  const sections = item.form.sections.filter(({ paths }) => paths.includes(path));
  return { path, field, comment: field.comment_path, section: sections.find(({ kind }) => kind === "step") ?? sections[0] };
}

export function AgendaItem(props: Props) {
  const { projectKey, place, decision } = props;
  const { api } = useApp();
  const [item, setItem] = useState<Item | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const headingRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    headingRef.current?.focus();
    api.item(projectKey).then(setItem, (error: unknown) => setFailure(messageOf(error)));
  }, [api, projectKey]);
  const field = item === null ? null : decisionField(item);
  return (
    <section class="gl-agenda-item" aria-labelledby="agenda-project">
      <h2 id="agenda-project" ref={headingRef} tabIndex={-1}>
        <Bdi text={decision.name} /> <code>{projectKey}</code> <span class="gl-soft">{place}</span>
      </h2>
      <Failure message={failure} />
      {item === null && failure === null && <p class="gl-soft">Reading the project…</p>}
      {item !== null && field === null && <p class="gl-soft">The template of this project has no decision.</p>}
      {item === null || field === null ? <Step {...props} /> : <Decide {...props} item={item} setItem={setItem} field={field} />}
    </section>
  );
}

function Step({ onPrevious, onNext }: Props) {
  return (
    <p>
      {onPrevious && (
        <button type="button" onClick={onPrevious}>
          Previous
        </button>
      )}{" "}
      <button type="button" onClick={onNext}>
        Next
      </button>
    </p>
  );
}

interface DecideProps extends Props {
  item: Item;
  setItem: (item: Item) => void;
  field: DecisionField;
}

function Decide({ projectKey, sitting, decision, onChange, onPrevious, onNext, item, setItem, field }: DecideProps) {
  const { api, store } = useApp();
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<AgendaDecision>) => onChange({ ...decision, saved: false, failure: null, ...part });
  const save = async () => {
    setBusy(true);
    const { path, comment } = field;
    const seen = { [path]: field.field.value, ...(comment === null ? {} : { [comment]: item.form.fields[comment]?.value ?? null }) };
    const changes = { [path]: decision.decision, ...(comment === null ? {} : { [comment]: withSitting(decision.comment, sitting) }) };
    try {
      const { saved, ...rest } = await api.save(projectKey, { revision: item.revision, seen, changes, statuses: {}, reason: null });
      onChange({ ...decision, saved: true, failure: null });
      setItem(rest);
      tell(store, saved.sentence);
      onNext();
    } catch (error) {
      // somebody decided meanwhile: theirs is shown, ours stays to be saved over it or left
      if (error instanceof ApiError && error.problem.item) setItem(error.problem.item);
      onChange({ ...decision, saved: false, failure: meanwhile(error) });
    } finally {
      setBusy(false);
    }
  };
  const comment = field.comment === null ? undefined : item.form.fields[field.comment];
  const theirs = isBlank(field.field.value) ? null : valueText(field.field.value);
  return (
    <div class="gl-agenda-columns">
      <Facts item={item} field={field} />
      <form
        class="gl-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && decision.decision !== null && item.form.can_edit) void save();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
        }}
      >
        {theirs !== null && !decision.saved && (
          <p class="gl-banner gl-note">
            It says now: <Bdi text={theirs} />
          </p>
        )}
        <FieldEdit path={field.path} field={field.field} value={decision.decision} onChange={(value) => set({ decision: typeof value === "string" ? value : null })} />
        {field.comment !== null && comment !== undefined && (
          <>
            <FieldEdit path={field.comment} field={comment} value={decision.comment} onChange={(value) => set({ comment: typeof value === "string" ? value : "" })} />
            <p class="gl-soft">
              Kept as: <Bdi text={withSitting(decision.comment, sitting) || "(blank)"} />
            </p>
          </>
        )}
        <Failure message={decision.failure} />
        {decision.saved && <p role="status">Saved.</p>}
        {!item.form.can_edit && <p class="gl-error">{sentence(item.form.why_not ?? "")}</p>}
        <p>
          <Button kind="primary" submit ready={!busy && decision.decision !== null && item.form.can_edit}>
            {busy ? "Saving…" : "Save and next"}
          </Button>{" "}
          {onPrevious && (
            <button type="button" onClick={onPrevious}>
              Previous
            </button>
          )}{" "}
          <button type="button" onClick={onNext}>
            {decision.saved ? "Next" : "Leave for later"}
          </button>
        </p>
        <p class="gl-soft">Ctrl+Enter saves and goes on.</p>
      </form>
    </div>
  );
}

function meanwhile(error: unknown): string {
  const conflicts = error instanceof ApiError ? (error.problem.conflicts ?? []) : [];
  if (conflicts.length === 0) return messageOf(error);
  const words = conflicts.map(({ label, theirs, by }) => `${label} is now ${valueText(theirs)}${by === null ? "" : ` (${by})`}`);
  return `Changed meanwhile: ${words.join("; ")}. Save again to put yours in its place.`;
}

function Facts({ item, field }: { item: Item; field: DecisionField }) {
  const paths = field.section === undefined ? [] : placedFields(field.section, item.form).flatMap(({ path, comment }) => (comment === null ? [path] : [path, comment]));
  const comments = new Set(Object.values(item.form.fields).map((each) => each.comment_path));
  // comments that nobody wrote are no news
  const shown = paths.filter((path) => path !== field.path && path !== field.comment && !(comments.has(path) && isBlank(item.form.fields[path]?.value)));
  return (
    <div>
      <p>{item.summary}</p>
      <dl class="gl-fields">
        {shown.map((path) => {
          const each = item.form.fields[path];
          if (each === undefined) return null;
          const text = each.kind === "documents" ? documentsOf(each.value).map(({ title, url }) => title ?? url).join(", ") || "(blank)" : valueText(each.value);
          return (
            <div class="gl-field" key={path}>
              <dt class="gl-label">{each.label}</dt>
              <dd class={isBlank(each.value) ? "gl-soft" : ""}>
                <Bdi text={text} />
              </dd>
            </div>
          );
        })}
      </dl>
      <p>
        <a href={itemHash(item.project_key)}>Open the project</a>
      </p>
    </div>
  );
}
