// Models and bundles of all governed projects: project, model, version; project, bundle; each with where it stands.
import { useEffect, useMemo, useState } from "preact/hooks";
import { PortfolioPending } from "../live/PortfolioPending";
import { hashOf } from "../live/route";
import { useRows } from "../live/rows";
import { useApp, useAppState } from "../live/store";
import { Bdi, sentence } from "../live/text";
import { countText, timeText } from "../live/time";
import { writeFragment } from "../state/fragment";
import { ProjectBody } from "./ProjectBody";
import { emptyReading, isComplete, readRegistry, type Reading } from "./read";
import { filtered, grouped, STATES, type RegistryFilter } from "./states";

/** How many projects are shown before more are asked for. */
const PAGE = 50;

export function RegistryPage() {
  const portfolio = useAppState((state) => state.portfolio);
  const unreadable = portfolio?.unreadable?.length ?? 0;
  const rows = useRows();
  const keys = useMemo(() => rows.filter((row) => row.governed).sort((one, other) => one.name.localeCompare(other.name) || (one.key < other.key ? -1 : 1)).map((row) => row.key), [rows]);
  return (
    <div class="gl-page gl-registry">
      <h1 tabIndex={-1}>Models and bundles</h1>
      {portfolio === null && <PortfolioPending />}
      {portfolio !== null && keys.length > 0 && <Registry keys={keys} />}
      {portfolio !== null && keys.length === 0 && <p class="gl-empty">{unreadable === 0 ? "You may read no governed project" : `${countText(unreadable, "project")} could not be read`}, so there is nothing to list.</p>}
    </div>
  );
}

/** What the registry holds of these projects, and a function that asks DSS anew. */
function useRegistry(keys: readonly string[]): [Reading, () => void] {
  const { api } = useApp();
  const names = keys.join(" ");
  const [reading, setReading] = useState<Reading>(() => emptyReading(keys.length));
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    let current = true;
    void readRegistry(api, "all", names.split(" "), setReading, () => !current, asked > 0);
    return () => {
      current = false;
    };
  }, [api, names, asked]);
  return [reading, () => setAsked((before) => before + 1)];
}

function filterIn(rest: URLSearchParams): RegistryFilter {
  return { text: rest.get("q") ?? "", state: rest.get("state") ?? "", kind: rest.get("kind") ?? "" };
}

function useFilter(): [RegistryFilter, (change: Partial<RegistryFilter>) => void] {
  const rest = useAppState((state) => state.route.rest);
  const [filter, setFilter] = useState<RegistryFilter>(() => filterIn(rest));
  // a link or Back says what to show; what is typed is written into the address, and leads nowhere
  useEffect(() => setFilter(filterIn(rest)), [rest]);
  const change = (part: Partial<RegistryFilter>) => {
    const next = { ...filter, ...part };
    setFilter(next);
    writeFragment(hashOf("registry", { q: next.text || null, state: next.state || null, kind: next.kind || null }));
  };
  return [filter, change];
}

function Registry({ keys }: { keys: readonly string[] }) {
  const [reading, readAgain] = useRegistry(keys);
  const [filter, change] = useFilter();
  const [limit, setLimit] = useState(PAGE);
  const shown = useMemo(() => filtered(reading.rows, filter), [reading.rows, filter]);
  const projects = useMemo(() => grouped(shown), [shown]);
  const isFiltered = filter.text !== "" || filter.state !== "" || filter.kind !== "";
  return (
    <>
      <Filters reading={reading} filter={filter} onChange={change} />
      <Progress reading={reading} onReadAgain={readAgain} />
      <Remarks reading={reading} />
      {isComplete(reading) && reading.rows.length === 0 && reading.unreadable.length === 0 && <p class="gl-empty">No bundles and no models in {countText(keys.length, "governed project")}.</p>}
      {reading.rows.length > 0 && shown.length === 0 && (
        <p class="gl-empty">
          {isComplete(reading) ? "Nothing matches. " : "Nothing matches yet. "}
          <button type="button" onClick={() => change({ text: "", state: "", kind: "" })}>
            Show all
          </button>
        </p>
      )}
      {shown.length > 0 && (
        <>
          <p role="status" class="gl-soft">
            {countText(shown.filter((row) => row.kind === "bundle").length, "bundle")} and {countText(shown.filter((row) => row.kind !== "bundle").length, "version")} in {countText(projects.length, "project")}
          </p>
          <div class="gl-scroll" tabIndex={0} role="region" aria-label="Models and bundles by project">
            <table>
              <thead>
                <tr>
                  {["Item", "Review", "Active", "Deployed on", "Made", "By", ""].map((heading) => (
                    <th key={heading} scope="col">
                      {heading || <span class="gl-hidden">Open</span>}
                    </th>
                  ))}
                </tr>
              </thead>
              {projects.slice(0, limit).map((project) => (
                <ProjectBody key={project.key} project={project} isOpen={isFiltered || projects.length <= 10} />
              ))}
            </table>
          </div>
          {projects.length > limit && (
            <p>
              <button type="button" onClick={() => setLimit(limit + PAGE)}>
                Show {Math.min(PAGE, projects.length - limit)} more of {projects.length - limit} projects
              </button>
            </p>
          )}
        </>
      )}
    </>
  );
}

interface FiltersProps {
  reading: Reading;
  filter: RegistryFilter;
  onChange: (change: Partial<RegistryFilter>) => void;
}

function Filters({ reading, filter, onChange }: FiltersProps) {
  const counted = filtered(reading.rows, { ...filter, state: "" });
  return (
    <form class="gl-toolbar" role="search" aria-label="Filter models and bundles" onSubmit={(event) => event.preventDefault()}>
      <input type="search" aria-label="Search models and bundles" placeholder="Search" value={filter.text} onInput={(event) => onChange({ text: event.currentTarget.value })} />
      <label>
        State{" "}
        <select value={filter.state} onChange={(event) => onChange({ state: event.currentTarget.value })}>
          <option value="">All</option>
          {STATES.map(([name, label, matches]) => (
            <option key={name} value={name}>
              {label} ({counted.filter(matches).length})
            </option>
          ))}
        </select>
      </label>
      <label>
        Show{" "}
        <select value={filter.kind} onChange={(event) => onChange({ kind: event.currentTarget.value })}>
          <option value="">Models and bundles</option>
          <option value="models">Models only</option>
          <option value="bundles">Bundles only</option>
        </select>
      </label>
    </form>
  );
}

function Progress({ reading, onReadAgain }: { reading: Reading; onReadAgain: () => void }) {
  const { done, of, at, failure } = reading;
  if (failure !== null) {
    return (
      <p role="alert" class="gl-failure">
        {failure} {done > 0 && `What is shown is of ${done} of ${countText(of, "project")}. `}
        <button type="button" onClick={onReadAgain}>
          Try again
        </button>
      </p>
    );
  }
  if (done < of) {
    return (
      <p class="gl-soft">
        <label>
          Read {done.toLocaleString("en")} of {countText(of, "project")}… <progress value={done} max={of} />
        </label>
      </p>
    );
  }
  return (
    <p class="gl-soft">
      {countText(of, "governed project")}
      {reading.deployments !== null && `, ${countText(reading.deployments, "deployment")} you see`} · {timeText(at)} ·{" "}
      <button type="button" class="gl-link" onClick={onReadAgain}>
        Read again
      </button>
    </p>
  );
}

/** What is not there, and why. */
function Remarks({ reading }: { reading: Reading }) {
  const { off, notLookedAt, unreadable } = reading;
  return (
    <>
      {off !== null && <p class="gl-banner gl-note">{sentence(off)}</p>}
      {notLookedAt.length > 0 && (
        <div class="gl-banner gl-warn">
          {notLookedAt.map((said) => (
            <p key={said}>
              <Bdi text={sentence(said)} />
            </p>
          ))}
        </div>
      )}
      {unreadable.length > 0 && (
        <details class="gl-problems">
          <summary>{countText(unreadable.length, "project")} could not be read, or not whole</summary>
          <ul>
            {unreadable.map(({ project_key: key, message }) => (
              <li key={key}>
                <code>{key}</code> <Bdi text={sentence(message)} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
