// Documents as links: rows of title and address; added, removed and reordered by keyboard.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { DocumentLink } from "../live/types";
import { documentsOf } from "./edit";
import { inputId, type InputProps } from "./inputs";
import { UploadFiles } from "./uploads";

export function DocumentsInput({ path, field, value, onChange, describedBy, invalid }: InputProps) {
  const documents = documentsOf(value);
  const listRef = useRef<HTMLOListElement>(null);
  // what has focus after the next drawing: a row that moved takes it along
  const focusRef = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (focusRef.current !== null) listRef.current?.parentElement?.querySelector<HTMLElement>(focusRef.current)?.focus();
    focusRef.current = null;
  });
  const set = (changed: DocumentLink[], next: string | null = null) => {
    focusRef.current = next;
    onChange(changed.map(({ title, url }) => ({ title, url })));
  };
  const replace = (at: number, part: Partial<DocumentLink>) => set(documents.map((document, place) => (place === at ? { ...document, ...part } : document)));
  const move = (at: number, by: number) => {
    const order = [...documents];
    const [moved] = order.splice(at, 1);
    if (moved) order.splice(at + by, 0, moved);
    const end = at + by === 0 ? "down" : at + by === documents.length - 1 ? "up" : by < 0 ? "up" : "down";
    set(order, `li:nth-child(${at + by + 1}) [data-do=${end}]`);
  };
  return (
    <div class="gl-documents" role="group" aria-label={field.label} aria-describedby={describedBy}>
      <ol ref={listRef}>
        {documents.map((document, at) => (
          // rows have no id of their own: their place is what they are known by
          <li key={at}>
            <input
              id={at === 0 ? inputId(path) : undefined}
              type="text"
              dir="auto"
              placeholder="Title"
              aria-label={`Title of document ${at + 1}`}
              value={document.title ?? ""}
              onInput={(event) => replace(at, { title: event.currentTarget.value || null })}
            />
            <input
              type="url"
              placeholder="https://…"
              aria-label={`Link of document ${at + 1}`}
              aria-invalid={invalid ? "true" : undefined}
              value={document.url}
              onInput={(event) => replace(at, { url: event.currentTarget.value })}
            />
            <span class="gl-row-buttons">
              {at > 0 && (
                <button type="button" class="gl-quiet" data-do="up" aria-label={`Move document ${at + 1} up`} onClick={() => move(at, -1)}>
                  ↑
                </button>
              )}
              {at < documents.length - 1 && (
                <button type="button" class="gl-quiet" data-do="down" aria-label={`Move document ${at + 1} down`} onClick={() => move(at, 1)}>
                  ↓
                </button>
              )}
              <button
                type="button"
                class="gl-quiet"
                aria-label={`Remove document ${at + 1}`}
                onClick={() => set(documents.filter((_, place) => place !== at), "[data-do=add]")}
              >
                Remove
              </button>
            </span>
          </li>
        ))}
      </ol>
      <button
        type="button"
        data-do="add"
        id={documents.length === 0 ? inputId(path) : undefined}
        onClick={() => set([...documents, { title: null, url: "" }], `li:nth-child(${documents.length + 1}) input`)}
      >
        Add link
      </button>
      <UploadFiles path={path} label={field.label} />
    </div>
  );
}
