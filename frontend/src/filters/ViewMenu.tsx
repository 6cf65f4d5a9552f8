// Views that people named: what is shown and filtered, to come back to.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Own } from "../parts/text";
import { readViews, type SavedView, writeViews } from "../state/savedViews";
import type { Store } from "../state/store";
import { Dropdown } from "./Dropdown";

const MAX_NAME_LENGTH = 80;

export function ViewMenu({ store }: { store: Store }): JSX.Element {
  return <Dropdown label="Saved views" summary="Views" field="views">{() => <Views store={store} />}</Dropdown>;
}

function Views({ store }: { store: Store }): JSX.Element {
  const [views, setViews] = useState(readViews);
  const [name, setName] = useState("");
  if (!views) return <p class="gm-small">This browser keeps nothing for this page. The address holds the view: keep that.</p>;
  const keep = (next: readonly SavedView[]): void => setViews(writeViews(next) ? [...next] : null);
  const save = (): void => {
    const title = name.trim();
    if (!title) return;
    keep([...views.filter((view) => view.name !== title), { name: title, address: store.ownAddress() }]);
    setName("");
  };
  return (
    <>
      {views.length ? null : <p class="gm-small">No view is saved yet.</p>}
      <ul class="gm-views">
        {views.map((view) => (
          <li key={view.name}>
            <button type="button" class="gm-link" onClick={() => store.openAddress(view.address)}><Own text={view.name} /></button>
            <button type="button" class="gm-remove" aria-label={`Delete view: ${view.name}`} onClick={() => keep(views.filter((other) => other !== view))}>×</button>
          </li>
        ))}
      </ul>
      <div class="gm-save">
        <input id="view-name" aria-label="Name for this view" placeholder="Name for this view" value={name} maxLength={MAX_NAME_LENGTH}
          onInput={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") save();
          }} />
        <button type="button" class="gm-button" aria-disabled={!name.trim()} onClick={save}>Save</button>
      </div>
    </>
  );
}
