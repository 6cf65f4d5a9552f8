// Files that become documents: each is sent at once, and is listed in the form as every other document until it is saved.
// What fails stays with its reason; tried again, it is attached no second time.
import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { messageOf } from "../live/api";
import { tell, useApp } from "../live/store";
import { Bdi } from "../live/text";
import type { DocumentLink, Item, Me } from "../live/types";
import { documentsOf, valueOf } from "./edit";
import type { Editor } from "./useEditor";

export interface SentFile {
  id: number;
  path: string;
  file: File;
  /** What went wrong; null while it is sent. */
  failure: string | null;
}

export interface Uploads {
  files: readonly SentFile[];
  /** How many are on their way: what is not there yet is not saved. */
  sending: number;
  send: (path: string, file: File) => void;
  retry: (sent: SentFile) => void;
  drop: (sent: SentFile) => void;
}

export const UploadsContext = createContext<Uploads | null>(null);

/** Returns why a file need not be sent at all; null where nothing speaks against it. */
export function whyNotSent(file: Pick<File, "name" | "size">, { sentence, max_bytes: most, types }: Me["uploads"]): string | null {
  const ending = file.name.includes(".") ? (file.name.split(".").at(-1) ?? "").toLowerCase() : "";
  if (!types.includes(ending)) return `This type is not allowed: ${sentence}.`;
  if (file.size > most) return `It is too large: ${sentence}.`;
  return file.size === 0 ? "It is empty." : null;
}

export function useUploads(item: Item, editor: Editor): Uploads {
  const { api, me, store } = useApp();
  const [files, setFiles] = useState<readonly SentFile[]>([]);
  const nextRef = useRef(0);
  const put = (sent: SentFile) => setFiles((before) => (before.some(({ id }) => id === sent.id) ? before.map((each) => (each.id === sent.id ? sent : each)) : [...before, sent]));
  const drop = ({ id }: SentFile) => setFiles((before) => before.filter((each) => each.id !== id));
  // one a drawing: what is typed, or arrives, while a file is on its way stays
  const [arrived, setArrived] = useState<readonly (readonly [path: string, document: DocumentLink])[]>([]);
  useEffect(() => {
    const [first] = arrived;
    if (first === undefined) return;
    setArrived((before) => before.filter((each) => each !== first));
    const [path, document] = first;
    const field = item.form.fields[path];
    // who left the form meanwhile does not want it any more
    if (field === undefined || editor.edit === null) return;
    const documents = documentsOf(valueOf(editor.edit, path, field));
    if (!documents.some(({ url }) => url === document.url)) editor.change(path, field, [...documents, document].map(({ title, url }) => ({ title, url })));
    tell(store, `${document.title ?? "The file"} is uploaded; it is listed once you save`);
  }, [arrived, item, editor, store]);
  const run = async (sent: SentFile) => {
    const why = whyNotSent(sent.file, me.uploads);
    if (why !== null) {
      put({ ...sent, failure: why });
      return;
    }
    put({ ...sent, failure: null });
    try {
      const { document } = await api.upload(item.project_key, sent.file);
      drop(sent);
      setArrived((before) => [...before, [sent.path, document]]);
    } catch (error) {
      put({ ...sent, failure: messageOf(error) });
    }
  };
  return {
    files, sending: files.filter(({ failure }) => failure === null).length + arrived.length, drop,
    send: (path, file) => void run({ id: nextRef.current++, path, file, failure: null }),
    retry: (sent) => void run(sent),
  };
}

/** The button beside *Add link*, and what is on its way or failed. */
export function UploadFiles({ path, label }: { path: string; label: string }) {
  const { me } = useApp();
  const uploads = useContext(UploadsContext);
  const inputRef = useRef<HTMLInputElement>(null);
  if (uploads === null || !me.uploads.allowed) return null;
  const mine = uploads.files.filter((sent) => sent.path === path);
  return (
    <>
      {" "}
      <button type="button" aria-label={`Upload file: ${label}`} title={me.uploads.sentence} onClick={() => inputRef.current?.click()}>
        Upload file…
      </button>
      <input
        ref={inputRef}
        type="file"
        hidden
        multiple
        accept={me.uploads.types.map((type) => `.${type}`).join(",")}
        onChange={(event) => {
          for (const file of event.currentTarget.files ?? []) uploads.send(path, file);
          // the same file may be chosen once more
          event.currentTarget.value = "";
        }}
      />
      <ul class="gl-plain-list" aria-live="polite">
        {mine.map((sent) => (
          <li key={sent.id}>
            <Bdi text={sent.file.name} />:{" "}
            {sent.failure === null ? (
              <span class="gl-soft">Uploading…</span>
            ) : (
              <>
                <span class="gl-error">{sent.failure}</span>{" "}
                {whyNotSent(sent.file, me.uploads) === null && (
                  <button type="button" class="gl-small" aria-label={`Try ${sent.file.name} again`} onClick={() => uploads.retry(sent)}>
                    Try again
                  </button>
                )}{" "}
                <button type="button" class="gl-small" aria-label={`Leave ${sent.file.name} out`} onClick={() => uploads.drop(sent)}>
                  Leave out
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
