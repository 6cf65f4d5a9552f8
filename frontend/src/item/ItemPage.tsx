// The page of one project: head, steps, sections; Edit over all of them.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, messageOf } from "../live/api";
import { HideDialog } from "../live/HideDialog";
import { itemHash } from "../live/route";
import { tell, useApp, useAppState } from "../live/store";
import { Bdi, sentence } from "../live/text";
import { timeText } from "../live/time";
import type { FieldError, Item, Saved } from "../live/types";
import { goTo } from "../state/fragment";
import { ItemBanners, EditorBanners, Stranded } from "./Banners";
import { ConflictDialog } from "./ConflictDialog";
import type { Edit } from "./edit";
import { focusField } from "./FieldEdit";
import { ItemHeader } from "./ItemHeader";
import { ActDialog, type Act } from "./More";
import { sectionOf } from "./order";
import { ProjectItems } from "../review/ProjectItems";
import { Attachments, documentsSection, SourceView } from "./OtherSections";
import { SaveBar } from "./SaveBar";
import { isProject, menuEntries, SectionMenu } from "./SectionMenu";
import { SignoffLine } from "./SignoffLine";
import { SectionView } from "./SectionView";
import { StepBar } from "./StepBar";
import { Timeline } from "./Timeline";
import { UploadsContext, useUploads } from "./uploads";
import { useDrafts, useEditor } from "./useEditor";
import { ValuesDialog } from "./ValuesDialog";

export function ItemPage({ projectKey, section }: { projectKey: string; section: string | null }) {
  const { api } = useApp();
  const [item, setItem] = useState<Item | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [gone, setGone] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const connected = useAppState((state) => state.connected);
  const fail = useCallback((error: unknown) => {
    setItem(null);
    setFailure(messageOf(error));
    setGone(error instanceof ApiError && error.status === 404);
  }, []);
  useEffect(() => {
    let current = true;
    api.item(projectKey).then(
      (answer) => {
        if (current) setItem(answer);
      },
      (error: unknown) => current && fail(error),
    );
    return () => {
      current = false;
    };
  }, [api, projectKey, attempt, fail]);
  if (item !== null) return <LoadedItem item={item} setItem={setItem} onLost={fail} asked={section} />;
  return (
    <div class="gl-page">
      <h1 tabIndex={-1}>{projectKey}</h1>
      {failure === null ? (
        <p class="gl-soft">Reading the project…</p>
      ) : (
        <div role="alert">
          <p class="gl-failure">{failure}</p>
          <button
            type="button"
            onClick={() => {
              setFailure(null);
              setAttempt(attempt + 1);
            }}
          >
            {connected ? "Try again" : "Retry"}
          </button>
        </div>
      )}
      {failure !== null && gone && <Left projectKey={projectKey} />}
    </div>
  );
}

// a project that is deleted, or hidden, may have been typed into before
function Left({ projectKey }: { projectKey: string }) {
  const drafts = useDrafts<Edit>();
  const [edit, setEdit] = useState(() => drafts.find(projectKey)?.content ?? null);
  if (edit === null) return null;
  const discard = () => {
    drafts.drop(projectKey);
    setEdit(null);
  };
  return <Stranded values={Object.entries(edit.changes).map(([path, value]) => [edit.labels[path] ?? path, value])} onDiscard={discard} />;
}

/** Opens at the current step; what is complete or not begun opens at the Overview. */
function shownSection(item: Item, asked: string | null): string {
  const ids = menuEntries(item).map(({ id }) => id);
  // of what is signed off people see the review first
  for (const id of [asked, isProject(item) ? null : "review", item.governed ? item.current_step : "source"]) if (id !== null && ids.includes(id)) return id;
  return ids[0] ?? "source";
}

// what has focus when an edit begins without a field, and when it has ended
const FIRST = ".gl-section input, .gl-section textarea, .gl-section select, .gl-savebar button";
const EDIT = "#edit";

type Dialog = Act | "govern" | "adopt" | "hide" | "undo-hide";

const isOwnDialog = (dialog: Dialog): dialog is Exclude<Dialog, Act> => ["govern", "adopt", "hide", "undo-hide"].includes(dialog);

interface LoadedProps {
  item: Item;
  setItem: (item: Item) => void;
  /** Called where it cannot be read again, so that nobody takes what is shown for what is. */
  onLost: (error: unknown) => void;
  asked: string | null;
}

function LoadedItem({ item, setItem, onLost, asked }: LoadedProps) {
  const { api, store, refresh } = useApp();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [saved, setSaved] = useState<Saved | null>(null);
  const section = shownSection(item, asked);
  // where focus goes once the next drawing is done
  const focusRef = useRef<string | null>(null);
  const onSaved = (done: Saved) => {
    setSaved(done);
    setDialog(null);
    tell(store, done.sentence);
    focusRef.current = EDIT;
    void refresh();
  };
  const onErrors = (errors: readonly FieldError[]) => {
    const path = errors.find((error) => error.path !== null)?.path ?? null;
    if (path === null) return;
    focusRef.current = path;
    const place = sectionOf(path, item.form);
    const here = item.form.sections.find(({ id }) => id === section);
    if (place !== null && place !== section && !here?.paths.includes(path)) goTo(itemHash(item.address, place));
  };
  const editor = useEditor(item, setItem, onSaved, onErrors);
  const uploads = useUploads(item, editor);
  useEffect(() => {
    const target = focusRef.current;
    if (target === null) return;
    const element = target.startsWith(".") || target.startsWith("#") ? document.querySelector<HTMLElement>(target) : null;
    element?.focus();
    if (element !== null || focusField(target)) focusRef.current = null;
  });
  // the heading that had focus while the project was read is gone with its page
  useEffect(() => {
    if (document.activeElement === document.body) document.querySelector<HTMLElement>("#main h1")?.focus();
  }, []);
  const shown = item.form.sections.find(({ id }) => id === section);
  const start = (path: string | null) => {
    focusRef.current = path ?? FIRST;
    setSaved(null);
    editor.start();
  };
  const done = ({ saved: sentence, ...rest }: Item & { saved: Saved }) => {
    setItem(rest);
    onSaved(sentence);
  };
  const onFinished = (finished: Item, sentence: string) => {
    setItem(finished);
    onSaved({ sentence, changes: [], also_changed: [], warnings: [], written: true });
  };
  const onHidden = () => {
    setDialog(null);
    api.item(item.address).then(setItem, onLost);
  };
  return (
    <UploadsContext.Provider value={uploads}>
      <div class="gl-page gl-item">
        <ItemHeader item={item} section={section} editor={editor} onEdit={() => start(null)} onAct={setDialog} />
        {item.governed && <StepBar item={item} section={section} />}
        {item.summary !== null && <p class="gl-summary">{item.summary}</p>}
        {!isProject(item) && <SignoffLine item={item} />}
        <ItemBanners item={item} onConfirm={() => setDialog("confirm")} onAdopt={() => setDialog("adopt")} onGovern={() => setDialog("govern")} onHide={(undo) => setDialog(undo ? "undo-hide" : "hide")} />
        <EditorBanners editor={editor} canEdit={item.form.can_edit} />
        {saved !== null && editor.edit === null && <SavedNote saved={saved} />}
        <div class="gl-columns">
          <SectionMenu item={item} section={section} editor={editor} />
          <section class="gl-section" aria-labelledby="section-name">
            <h2 id="section-name">{menuEntries(item).find(({ id }) => id === section)?.name}</h2>
            {shown !== undefined && <SectionView item={item} section={shown} editor={editor} onEdit={start} onFinished={onFinished} />}
            {section === "source" && <SourceView item={item} />}
            {section === "attachments" && editor.edit === null && <Attachments item={item} onEdit={start} />}
            {section === "attachments" && editor.edit !== null && <SectionView item={item} section={documentsSection(item)} editor={editor} onEdit={start} />}
            {section === "items" && <ProjectItems projectKey={item.address} />}
            {section === "timeline" && <Timeline item={item} />}
            <Problems item={item} />
          </section>
        </div>
        <SaveBar
          editor={editor}
          uploading={uploads.sending}
          onCancel={() => {
            focusRef.current = EDIT;
            editor.cancel();
          }}
        />
        {editor.conflicts.length > 0 && <ConflictDialog conflicts={editor.conflicts} form={item.form} onResolve={editor.resolve} onClose={editor.closeConflict} />}
        {(dialog === "govern" || dialog === "adopt") && <ValuesDialog act={dialog} item={item} onDone={done} onClose={() => setDialog(null)} />}
        {(dialog === "hide" || dialog === "undo-hide") && <HideDialog keys={[item.address]} undo={dialog === "undo-hide"} onClose={onHidden} />}
        {dialog !== null && !isOwnDialog(dialog) && <ActDialog act={dialog} item={item} onDone={done} onClose={() => setDialog(null)} />}
      </div>
    </UploadsContext.Provider>
  );
}

function Problems({ item }: { item: Item }) {
  if (item.problems.length === 0) return null;
  return (
    <details class="gl-problems">
      <summary>Problems: {item.problems.length}</summary>
      <ul>
        {item.problems.map(({ message }, at) => (
          <li key={at}>
            <Bdi text={sentence(message)} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What was saved, and what others changed meanwhile: both are kept. */
function SavedNote({ saved }: { saved: Saved }) {
  return (
    <div class="gl-banner gl-good">
      <p>
        <b>
          <Bdi text={saved.sentence} />
        </b>
      </p>
      {saved.warnings.map((warning) => (
        <p key={warning}>{sentence(warning)}</p>
      ))}
      {saved.also_changed.length > 0 && (
        <>
          <p>Others changed meanwhile, and it is kept:</p>
          <ul>
            {saved.also_changed.map(({ path, label, before, after, by, at }) => (
              <li key={label}>
                <Bdi text={path === null ? label : `${label}: ${before ?? "(blank)"} → ${after ?? "(blank)"}`} />{" "}
                <span class="gl-soft">{[by, at === null ? null : timeText(at)].filter(Boolean).join(", ")}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
