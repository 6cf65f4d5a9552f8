// What can be done with the projects that are selected.
import type { JSX } from "preact";
import { plural } from "../parts/text";
import type { Store } from "../state/store";

export interface PortfolioAction {
  readonly id: string;
  /** What its button says. */
  readonly label: string;
  readonly run: (keys: string[], areSelected: boolean) => void;
  /** Whether it is done with all that are shown where nothing is selected. */
  readonly takes_all?: boolean;
  /** Why it cannot be done now; its button is off then, with the reason beside it. */
  readonly why_not?: string | null;
}

export function Selection({ store, actions }: { store: Store; actions: readonly PortfolioAction[] }): JSX.Element | null {
  const keys = store.selection;
  if (!keys.length) return null;
  const hidden = keys.filter((key) => !store.byKey.get(key)?.on).length;
  return (
    <div id="selection" role="region" aria-label="Selected projects">
      <b>{`${plural(keys.length, "project")} selected`}</b>
      {hidden ? <span class="gm-small">{`${hidden} of them hidden by the filters`}</span> : null}
      {actions.map(({ id, label, run, why_not: reason }) => (
        <span key={id}>
          <button type="button" class="gm-button" aria-disabled={Boolean(reason)} aria-describedby={reason ? `why-not-${id}` : undefined}
            onClick={() => {
              if (!reason) run(keys, true);
            }}>{label}</button>
          {reason ? <span class="gm-small" id={`why-not-${id}`}>{` ${reason}`}</span> : null}
        </span>
      ))}
      <button type="button" class="gm-link" onClick={() => store.select([])}>Clear selection</button>
    </div>
  );
}
