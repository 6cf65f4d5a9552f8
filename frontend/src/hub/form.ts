// The hub's configuration as a form, and back: what the form does not show comes back as it was.
import type { Configuration, Hub, ReviewerLists } from "./types";

export const ROLES: [string, string][] = [
  ["final_approvers", "Final approvers"], ["it_operations", "IT & Operations"], ["risk_compliance", "Risk & Compliance"], ["business", "Business"],
];

/** Stands in a list of a project or initiative that asks nobody; an empty one is that of the wider list. */
export const NOBODY = "nobody";

export type Lists = Record<string, string>;

export interface Narrow {
  name: string;
  /** The keys of an initiative's projects, one a line. */
  projects: string;
  lists: Lists;
}

export interface Deputy {
  of: string;
  to: string;
  until: string;
}

export interface Address {
  login: string;
  address: string;
  choice: string;
}

export interface HubForm {
  all: Lists;
  initiatives: Narrow[];
  projects: Narrow[];
  managers: string;
  emergency: string;
  deputies: Deputy[];
  addresses: Address[];
  channel: string;
  published: { name: string; sources: string }[];
  /** The Govern node whose sign-offs are brought in; both blank: none are. */
  governNode: { id: string; url: string };
  switches: Record<string, boolean | string>;
}

const MUST_ACT = "must_act";

function lines(names: readonly string[] | null | undefined): string {
  return (names ?? []).join("\n");
}

function narrowText(names: unknown): string {
  if (!Array.isArray(names)) return "";
  return names.length === 0 ? NOBODY : lines(names as string[]);
}

function narrow(name: string, lists: ReviewerLists & { projects?: string[] }): Narrow {
  return { name, projects: lines(lists.projects), lists: Object.fromEntries(ROLES.map(([role]) => [role, narrowText(lists[role])])) };
}

export function formOf(hub: Hub): HubForm {
  const { reviewers = {}, managers, emergency, published = {}, deputies = [], addresses = {}, mail = {}, govern_node: governNode } = hub.configuration;
  const people = mail.people ?? {};
  const logins = [...new Set([...Object.keys(addresses), ...Object.keys(people)])];
  return {
    all: Object.fromEntries(ROLES.map(([role]) => [role, lines(reviewers[role] as string[] | undefined)])),
    initiatives: Object.entries(reviewers.initiatives ?? {}).map(([name, lists]) => narrow(name, lists)),
    projects: Object.entries(reviewers.projects ?? {}).map(([name, lists]) => narrow(name, lists)),
    managers: lines(managers),
    emergency: lines(emergency),
    deputies: deputies.map(({ of, to, until }) => ({ of, to, until: until ?? "" })),
    addresses: logins.map((login) => ({ login, address: addresses[login] ?? "", choice: people[login] ?? MUST_ACT })),
    channel: mail.channel ?? "",
    published: Object.entries(published).map(([name, sources]) => ({ name, sources: lines(sources) })),
    governNode: { id: governNode?.id ?? "", url: governNode?.url ?? "" },
    switches: Object.fromEntries(Object.entries(hub.switches).map(([name, value]) => [name, typeof value === "boolean" ? value : (value as unknown[]).join(", ")])),
  };
}

/** Returns the names of a field, one a line; a name without `user:` or `group:` is a login. */
export function namesIn(text: string): string[] {
  return linesIn(text).map((line) => (/^(user|group):/.test(line) ? line : `user:${line}`));
}

function linesIn(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

function narrowLists(form: Narrow, before: ReviewerLists = {}): ReviewerLists {
  const others = Object.entries(before).filter(([name]) => !ROLES.some(([role]) => role === name));
  const given = ROLES.map(([role]): [string, string] => [role, (form.lists[role] ?? "").trim()]).filter(([, text]) => text !== "");
  return Object.fromEntries([...others, ...given.map(([role, text]): [string, unknown] => [role, text === NOBODY ? [] : namesIn(text)])]);
}

/** Returns rows by what names them; a row without a name must be blank, and no name stands there twice. */
function byName<Row>(rows: readonly Row[], nameOf: (row: Row) => string, isBlank: (row: Row) => boolean, what: string): [string, Row][] {
  const named = rows.filter((row) => nameOf(row).trim() !== "" || !isBlank(row)).map((row): [string, Row] => [nameOf(row).trim(), row]);
  const names = named.map(([name]) => name);
  if (names.includes("")) throw new Error(`${what}: a row has no name.`);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw new Error(`${what}: ${twice} stands there twice.`);
  return named;
}

function isBlankNarrow(row: Narrow): boolean {
  return [row.projects, ...Object.values(row.lists)].every((text) => text.trim() === "");
}

function switchesIn(form: HubForm, hub: Hub): Record<string, unknown> {
  const given = Object.entries(form.switches).map(([name, value]): [string, unknown] => {
    if (typeof value === "boolean") return [name, value];
    const parts = value.split(",").map((part) => part.trim()).filter(Boolean);
    // what is no number stays a text, so that the hub says what is wrong with it
    return [name, name.endsWith("_days") ? parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part)) : parts];
  });
  return { ...hub.configuration.switches, ...Object.fromEntries(given) };
}

/** Returns the configuration that the form stands for; throws where rows cannot be told apart. */
export function configurationIn(form: HubForm, hub: Hub): Configuration {
  const before = hub.configuration;
  const reviewers: NonNullable<Configuration["reviewers"]> = { ...before.reviewers };
  for (const [role] of ROLES) {
    const names = namesIn(form.all[role] ?? "");
    // a list that was never given stays so
    if (names.length > 0 || reviewers[role] !== undefined) reviewers[role] = names;
  }
  reviewers.initiatives = Object.fromEntries(
    byName(form.initiatives, ({ name }) => name, isBlankNarrow, "Initiatives").map(([name, row]) => [
      name,
      { ...narrowLists(row, before.reviewers?.initiatives?.[name]), projects: linesIn(row.projects) },
    ]),
  );
  reviewers.projects = Object.fromEntries(
    byName(form.projects, ({ name }) => name, isBlankNarrow, "Projects").map(([name, row]) => [name, narrowLists(row, before.reviewers?.projects?.[name])]),
  );
  const rows = byName(form.addresses, ({ login }) => login, ({ address }) => address.trim() === "", "Addresses");
  const people = rows.filter(([login, { choice }]) => choice !== MUST_ACT || before.mail?.people?.[login] === MUST_ACT);
  const mail: NonNullable<Configuration["mail"]> = { ...before.mail, people: Object.fromEntries(people.map(([login, { choice }]) => [login, choice])) };
  if (form.channel.trim() === "") delete mail.channel;
  else mail.channel = form.channel.trim();
  const { govern_node: nodeBefore, ...rest } = before;
  const node = { id: form.governNode.id.trim(), url: form.governNode.url.trim() };
  return {
    ...rest,
    // of one that is half filled in, the hub says what is missing
    ...(node.id === "" && node.url === "" ? {} : { govern_node: { ...nodeBefore, ...node } }),
    reviewers,
    managers: namesIn(form.managers),
    emergency: namesIn(form.emergency),
    deputies: form.deputies
      .map(({ of, to, until }) => ({ of: of.trim(), to: to.trim(), until: until.trim() === "" ? null : until.trim() }))
      .filter(({ of, to, until }) => of !== "" || to !== "" || until !== null),
    addresses: Object.fromEntries(rows.filter(([, { address }]) => address.trim() !== "").map(([login, { address }]) => [login, address.trim()])),
    mail,
    published: Object.fromEntries(
      byName(form.published, ({ name }) => name, ({ sources }) => sources.trim() === "", "Published projects").map(([name, { sources }]) => [name, linesIn(sources)]),
    ),
    switches: switchesIn(form, hub),
  };
}
