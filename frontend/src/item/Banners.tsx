// What is unusual about an item, told above it and only when needed.
import type { ComponentChildren } from "preact";
import { reviewHash } from "../live/route";
import { Bdi, sentence } from "../live/text";
import { dateText, timeText } from "../live/time";
import type { Closure, Item, Json } from "../live/types";
import { valueText } from "./edit";
import type { Editor } from "./useEditor";

export function Banner({ children, kind = "warn" }: { children: ComponentChildren; kind?: "warn" | "note" }) {
  return <div class={`gl-banner gl-${kind}`}>{children}</div>;
}

interface Props {
  item: Item;
  onConfirm: () => void;
  onAdopt: () => void;
  onGovern: () => void;
  onHide: (undo: boolean) => void;
}

/** " on 3 Nov by dalia: replaced" */
function Told({ of: { at, by, reason } }: { of: Closure }) {
  return (
    <>
      {at !== null && ` on ${dateText(at)}`}
      {by !== null && (
        <>
          {" by "}
          <Bdi text={by} />
        </>
      )}
      {reason !== null && (
        <>
          : <Bdi text={reason} />
        </>
      )}
    </>
  );
}

export function ItemBanners({ item, onConfirm, onAdopt, onGovern, onHide }: Props) {
  const { actions } = item.form;
  const labels = item.pending.map((path) => item.labels[path] ?? path);
  return (
    <>
      <Locked item={item} />
      {item.closed !== null && (
        <Banner kind="note">
          Closed
          <Told of={item.closed} />
        </Banner>
      )}
      {item.state === "copied" && (
        <Banner>
          This project is a copy{item.copied_from ? ` of ${item.copied_from}` : ""}; what it says was written for the original. <Offer permission={actions.adopt} label="Adopt…" onClick={onAdopt} />
        </Banner>
      )}
      {!item.governed && item.state !== "copied" && (
        <Banner kind="note">
          {item.hidden === null ? (
            "This project is not governed."
          ) : (
            <>
              This project is not governed, and hidden
              <Told of={item.hidden} />
            </>
          )}{" "}
          <Offer permission={actions.govern} label="Govern…" onClick={onGovern} />{" "}
          {actions.hide?.allowed && <Offer permission={actions.hide} label="Hide…" onClick={() => onHide(false)} />}
          {actions.undo_hide?.allowed && <Offer permission={actions.undo_hide} label="Show again" onClick={() => onHide(true)} />}
        </Banner>
      )}
      {item.governed && labels.length > 0 && (
        <Banner>
          Changed by hand, not confirmed: {labels.join(", ")}. <Offer permission={actions.confirm} label="Confirm…" onClick={onConfirm} />
        </Banner>
      )}
    </>
  );
}

/** That the workflow stands still, and where that is undone. */
function Locked({ item }: { item: Item }) {
  const locked = (item.signoffs ?? []).filter((signoff) => signoff.locked);
  return (
    <>
      {locked.map(({ step, name, status_label, by, at, comment }) => (
        <Banner key={step}>
          Locked by {status_label === "Rejected" ? "a rejected" : "an abandoned"} sign-off: {name}
          <Told of={{ by, at, reason: comment }} />. The workflow goes on once it is reset and asked for anew. <a class="gl-small" href={reviewHash(item.project_key, step)}>Sign-off</a>
        </Banner>
      ))}
    </>
  );
}

function Offer({ permission, label, onClick }: { permission: { allowed: boolean; why_not: string | null } | undefined; label: string; onClick: () => void }) {
  if (permission === undefined) return null;
  if (!permission.allowed) return permission.why_not === null ? null : <span class="gl-soft">{sentence(permission.why_not)}</span>;
  return (
    <button type="button" onClick={onClick}>
      {label}
    </button>
  );
}

export function EditorBanners({ editor, canEdit }: { editor: Editor; canEdit: boolean }) {
  const { restoredAt, stranded, kept, edit } = editor;
  return (
    <>
      {edit !== null && restoredAt !== null && (
        <Banner kind="note">
          Your unsaved changes of {timeText(new Date(restoredAt).toISOString())} are back.{" "}
          <button type="button" onClick={editor.cancel}>
            Discard them
          </button>
        </Banner>
      )}
      {!kept && <Banner>This browser keeps no drafts: save before you leave the page.</Banner>}
      {stranded.length > 0 && <Stranded values={stranded} dropped={canEdit} onDiscard={editor.discardStranded} />}
    </>
  );
}

/** What was typed and can be saved no more, to be copied. */
export function Stranded({ values, dropped = false, onDiscard }: { values: readonly [string, Json][]; dropped?: boolean; onDiscard: () => void }) {
  const why = dropped ? `, as the template has no ${values.map(([label]) => label).join(", ")} any more` : "";
  return (
    <Banner>
      <p>You typed this before, and the form can take it no more{why}. It is not saved. Copy what you need:</p>
      <dl class="gl-stranded">
        {values.map(([label, value]) => (
          <div key={label}>
            <dt>
              <Bdi text={label} />
            </dt>
            <dd>
              <textarea readOnly aria-label={label} rows={2} value={valueText(value)} />
            </dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={onDiscard}>
        Discard
      </button>
    </Banner>
  );
}
