// The head of the item page: what it is, whose, and the way to edit it.
import { useAppState } from "../live/store";
import { Bdi, capital, isSafeLink, sentence } from "../live/text";
import { itemHash } from "../live/route";
import type { Item } from "../live/types";
import { isBlank, valueText } from "./edit";
import { More, type Act } from "./More";
import { isProject } from "./SectionMenu";
import type { Editor } from "./useEditor";

interface Props {
  item: Item;
  section: string;
  editor: Editor;
  onEdit: () => void;
  onAct: (act: Act) => void;
}

export function ItemHeader({ item, section, editor, onEdit, onAct }: Props) {
  const initiative = Object.values(item.form.fields).find(({ role }) => role === "initiative");
  return (
    <header class="gl-item-head">
      <div>
        <Neighbours keyShown={item.address} section={section} />
        <h1 tabIndex={-1}>
          <Bdi text={isProject(item) ? (item.name ?? item.address) : capital(item.name ?? item.address)} />
        </h1>
        <p class="gl-item-facts">
          <code>{item.address}</code>
          {!isProject(item) && <a href={itemHash(item.project_key, "items")}>Project {item.project_key}</a>}
          {item.owner !== null && (
            <span>
              Owner: <Bdi text={item.owner} />
            </span>
          )}
          {initiative && !isBlank(initiative.value) && (
            <span>
              {initiative.label}: <Bdi text={valueText(initiative.value)} />
            </span>
          )}
          {isSafeLink(item.url) && (
            <a href={item.url} target="_blank" rel="noopener noreferrer">
              Open in DSS
            </a>
          )}
          {item.closed !== null && <span class="gl-chip">Closed</span>}
          {item.state === "copied" && <span class="gl-chip gl-warn">{item.copied_from ? `Copy of ${item.copied_from}` : "Copy"}</span>}
          {item.stale && <span class="gl-chip gl-warn">Stale</span>}
          {item.overdue && <span class="gl-chip gl-bad">Overdue</span>}
        </p>
      </div>
      <EditButtons item={item} editor={editor} onEdit={onEdit} onAct={onAct} />
    </header>
  );
}

// the name of a bundle or version is made of words, and begins a heading here
function EditButtons({ item, editor, onEdit, onAct }: Omit<Props, "section">) {
  const { can_edit: canEdit, why_not: reason } = item.form;
  if (!item.governed) return null;
  return (
    <div class="gl-item-buttons">
      {!canEdit && reason !== null && (
        <span id="why-not" class="gl-soft">
          {sentence(reason)}
        </span>
      )}
      {editor.edit === null && (
        <button type="button" id="edit" class="gl-primary" disabled={!canEdit} aria-describedby={canEdit ? undefined : "why-not"} onClick={onEdit}>
          Edit
        </button>
      )}
      <More item={item} onAct={onAct} />
    </div>
  );
}

// Previous and next in the list that was shown last.
function Neighbours({ keyShown, section }: { keyShown: string; section: string }) {
  const keys = useAppState((state) => state.keys);
  const at = keys.indexOf(keyShown);
  if (at < 0 || keys.length < 2) return null;
  const [previous, next] = [keys[at - 1], keys[at + 1]];
  return (
    <nav class="gl-neighbours" aria-label="Projects of the list">
      {previous === undefined ? <span class="gl-soft">‹ Previous</span> : <a href={itemHash(previous, section)} aria-label={`Previous: ${previous}`}>‹ Previous</a>}
      <span class="gl-soft">
        {at + 1} of {keys.length}
      </span>
      {next === undefined ? <span class="gl-soft">Next ›</span> : <a href={itemHash(next, section)} aria-label={`Next: ${next}`}>Next ›</a>}
    </nav>
  );
}
