// The sections of the item page that hold no form: what DSS says, and all documents in one place.
import { itemHash } from "../live/route";
import { Bdi, isSafeLink } from "../live/text";
import { timeText } from "../live/time";
import type { Item, Section } from "../live/types";
import { documentsOf } from "./edit";
import { DocumentItem } from "./FieldView";

export function SourceView({ item }: { item: Item }) {
  const { source } = item;
  const facts: [string, string | null][] = [
    ...(source.made ? ([["Made", source.made]] as [string, string | null][]) : []),
    ["Owner", source.owner],
    ["Tags", source.tags.length > 0 ? source.tags.join(", ") : null],
    ["Created", source.created === null ? null : timeText(source.created)],
    ["Last modified", source.last_modified === null ? null : timeText(source.last_modified)],
    ["Description", source.description],
  ];
  return (
    <>
      <p class="gl-soft">What DSS says of the project. It is changed there.</p>
      <dl class="gl-fields">
        {facts.map(([label, text]) => (
          <div class="gl-field" key={label}>
            <dt class="gl-label">{label}</dt>
            <dd>{text === null ? <span class="gl-soft">Not set.</span> : <Bdi text={text} />}</dd>
          </div>
        ))}
      </dl>
      {isSafeLink(source.url) && (
        <p>
          <a href={source.url} target="_blank" rel="noopener noreferrer">
            Open in DSS
          </a>
        </p>
      )}
    </>
  );
}

/** Returns all fields of documents as one section, to be edited in one place. */
export function documentsSection({ form }: Item): Section {
  const paths = [...new Set(form.sections.flatMap((section) => section.paths))].filter((path) => form.fields[path]?.kind === "documents");
  return { id: "attachments", name: "Attachments", kind: "overview", paths };
}

export function Attachments({ item, onEdit }: { item: Item; onEdit: (path: string | null) => void }) {
  const { form } = item;
  const shown = new Set<string>();
  const groups = form.sections.flatMap((section) =>
    section.paths.flatMap((path) => {
      const field = form.fields[path];
      if (field?.kind !== "documents" || shown.has(path)) return [];
      shown.add(path);
      return [{ section, path, field, documents: documentsOf(field.value) }];
    }),
  );
  const filled = groups.filter(({ documents }) => documents.length > 0);
  const first = groups[0]?.path;
  return (
    <>
      {filled.length === 0 && <p class="gl-soft">No documents.</p>}
      {form.can_edit && first !== undefined && (
        <p>
          <button type="button" class="gl-link" onClick={() => onEdit(first)}>
            Add or change
          </button>
        </p>
      )}
      {filled.map(({ section, path, field, documents }) => (
        <section key={path}>
          <h3>
            <a href={itemHash(item.address, section.id)}>{section.name}</a> · {field.label}
          </h3>
          <ul class="gl-plain-list">
            {documents.map((document, at) => (
              <li key={at}>
                <DocumentItem document={document} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
