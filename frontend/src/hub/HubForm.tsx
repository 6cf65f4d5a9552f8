// The form of the hub's configuration, section by section.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { LineField, ListsFields, NamesField, Rows } from "./fields";
import { NOBODY, type HubForm as Form, type Narrow } from "./form";

const SWITCHES: Record<string, string> = {
  mandatory: "A step with a sign-off can only be finished once it is approved",
  delegation: "Reviews can be handed over",
  models_block_bundles: "An unapproved model in it holds a bundle's approval back",
  govern_approvals: "An approval in Govern counts as one here does",
  project_steps: "Steps of projects that are signed off, too (ids, with commas)",
  reminder_days: "Reminders after so many days (numbers, with commas)",
};

const CHOICES: [string, string][] = [
  ["must_act", "When they must act"], ["all", "All they take part in"], ["never", "Never"],
];

const BLANK: Narrow = { name: "", projects: "", lists: {} };

interface Props {
  form: Form;
  locked: boolean;
  onChange: (form: Form) => void;
}

function Section({ title, help, children }: { title: string; help?: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {help !== undefined && <p class="gl-help">{help}</p>}
      {children}
    </section>
  );
}

export function HubForm({ form, locked, nodeLocked, onChange }: Props & { nodeLocked: boolean }) {
  const set = (part: Partial<Form>) => onChange({ ...form, ...part });
  return (
    <>
      <Section title="Reviewers for all" help="One a line: user:LOGIN or group:NAME. A group of reviewers without anybody is not asked.">
        <ListsFields lists={form.all} locked={locked} onChange={(all) => set({ all })} />
      </Section>
      <Section title="Reviewers by initiative" help={`In place of those for all. Empty: those for all. "${NOBODY}": nobody is asked.`}>
        <Rows rows={form.initiatives} what="initiative" nameOf={({ name }) => name} blank={BLANK} locked={locked} onChange={(initiatives) => set({ initiatives })}>
          {(row, change) => (
            <>
              <LineField label="Initiative" value={row.name} locked={locked} onChange={(name) => change({ ...row, name })} />
              <NamesField label="Keys of its projects" value={row.projects} locked={locked} onChange={(projects) => change({ ...row, projects })} />
              <ListsFields lists={row.lists} locked={locked} onChange={(lists) => change({ ...row, lists })} />
            </>
          )}
        </Rows>
      </Section>
      <Section title="Reviewers by project" help={`In place of those of its initiative. Empty: those of the initiative, or for all. "${NOBODY}": nobody is asked.`}>
        <Rows rows={form.projects} what="project" nameOf={({ name }) => name} blank={BLANK} locked={locked} onChange={(projects) => set({ projects })}>
          {(row, change) => (
            <>
              <LineField label="Project key" value={row.name} locked={locked} onChange={(name) => change({ ...row, name })} />
              <ListsFields lists={row.lists} locked={locked} onChange={(lists) => change({ ...row, lists })} />
            </>
          )}
        </Rows>
      </Section>
      <Section title="Managers and emergencies" help="Managers change all of this, and hand over reviews of people who are absent. In an emergency, those named here let something unapproved pass once within some hours, on its review.">
        <div class="gl-hub-lists">
          <NamesField label="Governance managers" value={form.managers} locked={locked} onChange={(managers) => set({ managers })} />
          <NamesField label="Who may let something pass" value={form.emergency} locked={locked} onChange={(emergency) => set({ emergency })} />
        </div>
      </Section>
      <Deputies form={form} locked={locked} onChange={onChange} />
      <Mail form={form} locked={locked} onChange={onChange} />
      <Section title="Published projects" help="From which projects each published project of the Deployer gets its bundles: keys, one a line.">
        <Rows rows={form.published} what="published project" nameOf={({ name }) => name} blank={{ name: "", sources: "" }} locked={locked} onChange={(published) => set({ published })}>
          {(row, change) => (
            <>
              <LineField label="Published project" value={row.name} locked={locked} onChange={(name) => change({ ...row, name })} />
              <NamesField label="Its source projects" value={row.sources} locked={locked} onChange={(sources) => change({ ...row, sources })} />
            </>
          )}
        </Rows>
      </Section>
      <Section title="Govern" help="The Govern node whose sign-offs a sync may bring in, and the address at which it is asked; only administrators name it. Empty: none are, and none counts.">
        <div class="gl-hub-lists">
          <LineField label="Id of the node" value={form.governNode.id} locked={nodeLocked} onChange={(id) => set({ governNode: { ...form.governNode, id } })} />
          <LineField label="Its address" value={form.governNode.url} locked={nodeLocked} onChange={(url) => set({ governNode: { ...form.governNode, url } })} />
        </div>
      </Section>
      <Switches form={form} locked={locked} onChange={onChange} />
    </>
  );
}

function Deputies({ form, locked, onChange }: Props) {
  return (
    <Section title="Deputies" help="Who stands in for whom, in each review that the other is asked for. Until: a time such as 2027-01-15T00:00:00Z; empty: for good.">
      <Rows rows={form.deputies} what="deputy" nameOf={({ to }) => to} blank={{ of: "", to: "", until: "" }} locked={locked} onChange={(deputies) => onChange({ ...form, deputies })}>
        {(row, change) => (
          <>
            <LineField label="For (login)" value={row.of} locked={locked} onChange={(of) => change({ ...row, of })} />
            <LineField label="Deputy (login)" value={row.to} locked={locked} onChange={(to) => change({ ...row, to })} />
            <LineField label="Until" value={row.until} locked={locked} onChange={(until) => change({ ...row, until })} />
          </>
        )}
      </Rows>
    </Section>
  );
}

function Mail({ form, locked, onChange }: Props) {
  return (
    <Section title="Mail" help="DSS does not tell people's addresses. Without any here, nothing sends mail.">
      <p>
        <LineField label="Mail channel of DSS (empty: the only one)" value={form.channel} locked={locked} onChange={(channel) => onChange({ ...form, channel })} />
      </p>
      <Rows rows={form.addresses} what="person" nameOf={({ login }) => login} blank={{ login: "", address: "", choice: "must_act" }} locked={locked} onChange={(addresses) => onChange({ ...form, addresses })}>
        {(row, change) => (
          <>
            <LineField label="Login" value={row.login} locked={locked} onChange={(login) => change({ ...row, login })} />
            <LineField label="Address" value={row.address} locked={locked} onChange={(address) => change({ ...row, address })} />
            <label>
              <span class="gl-label">Gets mail</span>
              <select disabled={locked} value={row.choice} onChange={(event) => change({ ...row, choice: event.currentTarget.value })}>
                {CHOICES.map(([value, label]) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </select>
            </label>
          </>
        )}
      </Rows>
    </Section>
  );
}

function Switches({ form, locked, onChange }: Props) {
  const set = (name: string, value: boolean | string) => onChange({ ...form, switches: { ...form.switches, [name]: value } });
  return (
    <Section title="Switches">
      {Object.entries(form.switches).map(([name, value]) => {
        const label = SWITCHES[name] ?? name.replaceAll("_", " ");
        return typeof value === "boolean" ? (
          <label key={name} class="gl-check">
            <input type="checkbox" disabled={locked} checked={value} onChange={(event) => set(name, event.currentTarget.checked)} /> {label}
          </label>
        ) : (
          <p key={name}>
            <LineField label={label} value={value} locked={locked} onChange={(text) => set(name, text)} />
          </p>
        );
      })}
    </Section>
  );
}
