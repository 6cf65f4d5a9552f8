// Where the page is, as it stands in the address's fragment: links can be sent, and Back goes back.
// Parameters of the portfolio's views (view, q, filters) live beside `page=projects` and are left as they are.

export type PageName = "home" | "projects" | "registry" | "ungoverned" | "item" | "agenda" | "approvals" | "review" | "hub";

export interface Route {
  page: PageName;
  /** The project of the item page. */
  item: string | null;
  section: string | null;
  /** What else stands there. */
  rest: URLSearchParams;
}

const PAGES: readonly string[] = ["home", "projects", "registry", "ungoverned", "item", "agenda", "approvals", "review", "hub"];

export function parseRoute(hash: string): Route {
  const rest = new URLSearchParams(hash.replace(/^#/, ""));
  const [page, item, section] = [rest.get("page"), rest.get("item"), rest.get("section")];
  for (const name of ["page", "item", "section"]) rest.delete(name);
  return { page: pageOf(page, item, rest), item, section, rest };
}

function pageOf(page: string | null, item: string | null, rest: URLSearchParams): PageName {
  if (item) return page === "review" ? "review" : "item";
  if (page !== null && PAGES.includes(page) && page !== "item" && page !== "review") return page as PageName;
  // a link into the portfolio's views, as reports have it
  return [...rest.keys()].length > 0 ? "projects" : "home";
}

export function hashOf(page: PageName, parameters: Record<string, string | null | undefined> = {}): string {
  const written = new URLSearchParams({ page });
  for (const [name, value] of Object.entries(parameters)) if (value !== null && value !== undefined) written.set(name, value);
  return `#${written.toString()}`;
}

export function itemHash(key: string, section?: string | null): string {
  return hashOf("item", { item: key, section });
}

/** Returns where a review is; of a project with several steps that are signed off, that of a step. */
export function reviewHash(address: string, step: string | null = null): string {
  return hashOf("review", { item: address, section: step });
}

/**
 * Where a link leads: the page's own fragment; where it has none and stands in a frame of DSS, that of the page around
 * it, as far as it means this page. What DSS does with a fragment differs between its addresses of a webapp.
 */
export function startHash(view: Pick<Window, "location" | "parent">): string {
  if (view.location.hash) return view.location.hash;
  try {
    const { hash } = view.parent.location;
    const { page, item } = parseRoute(hash);
    return item || new URLSearchParams(hash.replace(/^#/, "")).get("page") === page ? hash : "";
  } catch {
    return ""; // another site's page is not read
  }
}

/** Tells whether both stand on the same page, so that focus need not move. */
export function samePage(one: Route, other: Route): boolean {
  return one.page === other.page && one.item === other.item && one.section === other.section;
}
