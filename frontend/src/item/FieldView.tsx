// A field as it stands, with what is wrong with it; trust is told only where something is wrong.
import { useApp } from "../live/store";
import { Bdi, isSafeLink, sentence, uploadedFile } from "../live/text";
import type { DocumentLink, FormField, Json } from "../live/types";
import { fullDateText } from "../live/time";
import { documentsOf, isBlank, valueText } from "./edit";
import { Markdown } from "./markdown";

interface Props {
  path: string;
  field: FormField;
  /** where an inherited value comes from, by name */
  origin: string | null;
  required: string | null;
  /** "dalia · 3 Nov": who set it, when */
  by: string | null;
  canEdit: boolean;
  onConfirm: () => void;
  onEdit: () => void;
}

export function DocumentItem({ document }: { document: DocumentLink }) {
  const { api, me } = useApp();
  const title = document.title ?? document.url;
  const file = uploadedFile(document.url, me.instance.url);
  if (file !== null) {
    return (
      <a href={api.fileAddress(file.key, file.id)} download>
        <Bdi text={title} />
      </a>
    );
  }
  return isSafeLink(document.url) ? (
    <a href={document.url} target="_blank" rel="noopener noreferrer">
      <Bdi text={title} />
    </a>
  ) : (
    <span>
      <Bdi text={title} /> {document.title !== null && <Bdi text={document.url} />}
    </span>
  );
}

function Value({ field, value }: { field: FormField; value: Json }) {
  if (field.kind === "text") return <Markdown text={valueText(value)} />;
  if (field.kind === "documents") {
    return (
      <ul class="gl-plain-list">
        {documentsOf(value).map((document, at) => (
          <li key={at}>
            <DocumentItem document={document} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <>
      {field.kind === "rating" && <RatingBars field={field} value={value} />}
      {field.kind === "date" ? <time dateTime={valueText(value)}>{fullDateText(valueText(value))}</time> : <Bdi text={valueText(value)} />}
    </>
  );
}

function RatingBars({ field, value }: { field: FormField; value: Json }) {
  const level = field.choices.indexOf(valueText(value)) + 1;
  if (level === 0 || field.choices.length > 6) return null;
  return (
    <span class="gl-bars" aria-hidden="true">
      {field.choices.map((choice, at) => (
        <i key={choice} class={at < level ? "gl-on" : ""} />
      ))}
    </span>
  );
}

function Empty({ field, canEdit, onEdit }: Pick<Props, "field" | "canEdit" | "onEdit">) {
  const [text, button] = field.kind === "documents" ? ["No documents.", "Add link"] : field.kind === "text" ? ["No notes.", "Add"] : ["Not set.", "Set"];
  return (
    <span class="gl-soft">
      {text}{" "}
      {canEdit && (
        <button type="button" class="gl-link" aria-label={`${button}: ${field.label}`} onClick={onEdit}>
          {button}
        </button>
      )}
    </span>
  );
}

export function FieldView({ path, field, origin, required, by, canEdit, onConfirm, onEdit }: Props) {
  const blank = isBlank(field.value);
  return (
    <div class="gl-field" data-path={path}>
      <dt class="gl-label">
        {field.label}
        {required !== null && blank && <span class="gl-required"> · {required}</span>}
      </dt>
      <dd>
        {blank ? <Empty field={field} canEdit={canEdit} onEdit={onEdit} /> : <Value field={field} value={field.value} />}
        {origin !== null && !blank && (
          <span class="gl-origin">
            , from {origin}{" "}
            {canEdit && (
              <>
                <button type="button" class="gl-small" aria-label={`Confirm ${field.label}`} onClick={onConfirm}>
                  Confirm
                </button>{" "}
                <button type="button" class="gl-small" aria-label={`Change ${field.label}`} onClick={onEdit}>
                  Change
                </button>
              </>
            )}
          </span>
        )}
        {by !== null && !blank && !field.pending && <span class="gl-soft"> · {by}</span>}
        {field.pending && <span class="gl-chip gl-warn">Changed by hand, not confirmed</span>}
        {field.problem && <p class="gl-error">{sentence(field.problem)}</p>}
      </dd>
    </div>
  );
}
