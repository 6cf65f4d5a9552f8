// What could not be asked does not look like nothing there, and a late answer is not taken for that of something else.
import { render, type ComponentChildren } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { HubPage } from "../../src/hub/HubPage";
import type { Hub } from "../../src/hub/types";
import { ItemPage } from "../../src/item/ItemPage";
import { AgendaItem } from "../../src/live/AgendaItem";
import { ApiError } from "../../src/live/api";
import { namesUnreadable } from "../../src/live/delta";
import { useItem, useListState, useQuery } from "../../src/live/query";
import { useSignoffs } from "../../src/live/signoffs";
import { Context, Store, type AppContext, type State } from "../../src/live/store";
import type { Portfolio } from "../../src/live/types";
import { Ungoverned } from "../../src/live/Ungoverned";
import { useActiveUnapproved } from "../../src/registry/attention";
import { RegistryPage } from "../../src/registry/RegistryPage";
import { EmergencyDialog } from "../../src/review/Emergency";
import { ProjectItems } from "../../src/review/ProjectItems";
import { ReviewPage } from "../../src/review/ReviewPage";
import type { Review } from "../../src/review/types";
import { useReviews } from "../../src/review/Waiting";
import { projects, table } from "../portfolio";
import { form, item } from "./forms";

const portfolio = (part: Partial<Portfolio> = {}): Portfolio => ({ ...(table([{ key: "CHURN", name: "Churn" }]) as unknown as Portfolio), token: "1", at: "2026-11-27T10:00:00Z", ...part });
const hub: Hub = { project_key: "HUB", entry: "e", by: "max", at: "2026-11-27T10:00:00Z", configuration: {}, switches: { delegation: true }, why_not: null, why_not_node: null };
const review = {
  address: "CHURN/bundle/v1", project_key: "CHURN", label: "bundle v1 of CHURN", kind: "bundle", step: "review", status: "WAITING_FOR_APPROVAL", status_label: "Waiting", open: true,
  subject: {}, unchanged: true, requested: null, verdict: null, in_govern: null, groups: [], feedback: [], values: [], earlier: null,
  you: { login: "ana", rights: [], is_editor: false, may: { approve: null }, groups: [], hand_over: { own: [], others: [] }, emergency: { infrastructures: ["PROD"], max_hours: 336 } },
} as unknown as Review;
const BROKEN = new ApiError(502, { status: 502, detail: "it broke" });

/** Answers one thing after the other, and is broken then; an error is thrown. */
function inTurn<T>(...answers: (T | Error | Promise<T>)[]): () => Promise<T> {
  return async () => {
    const answer = answers.shift() ?? BROKEN;
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

/** Does something, and waits until what it asks for is there, and what that asks for. */
async function doing(work: () => unknown): Promise<void> {
  await act(() => void work());
  for (let round = 0; round < 3; round += 1) await act(() => new Promise<void>((done) => setTimeout(done, 1)));
}

/** What is answered later. */
function later<T>() {
  let resolve: (answer: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, give: (answer: T) => doing(() => resolve(answer)) };
}

/** Draws within the page, whose API answers what it is given. */
async function draw(children: ComponentChildren, api: Record<string, unknown>, state: Partial<State> = {}) {
  const store = new Store({ portfolio: portfolio(), portfolioError: null, refreshes: 0, connected: true, status: "", keys: [], people: [], route: { rest: new URLSearchParams() }, ...state } as State);
  const me = { login: "ana", read_only: false, hub: true, instance: { url: null }, uploads: { allowed: false } };
  const root = document.body.appendChild(document.createElement("div"));
  const app = { api, me, store, refresh: () => Promise.resolve() } as unknown as AppContext;
  await doing(() => render(<Context.Provider value={app}>{children}</Context.Provider>, root));
  const find = <E extends Element>(selector: string, matches: (element: E) => boolean = () => true): E => {
    const element = [...root.querySelectorAll<E>(selector)].find(matches);
    if (element === undefined) throw new Error(`no ${selector} in ${root.textContent}`);
    return element;
  };
  return {
    root, set: (part: Partial<State>) => doing(() => store.set(part)),
    press: (label: string) => doing(() => find<HTMLElement>("button", (button) => [button.getAttribute("aria-label"), button.textContent].includes(label)).click()),
    submit: () => doing(() => find<HTMLFormElement>("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }))),
    type: (label: string, value: string) =>
      doing(() => {
        const named = find<HTMLLabelElement>("label", ({ textContent }) => textContent.startsWith(label));
        const input = find<HTMLInputElement>("input, textarea", (each) => each.id === named.htmlFor || named.contains(each));
        input.value = value;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }),
  };
}

function Text({ ask }: { ask: () => Promise<string> }) {
  const { answer, failure, pending } = useQuery(ask, useListState());
  return <>{pending ? "pending" : (failure ?? answer)}</>;
}

test("a late answer takes no newer one's place", async () => {
  const [first, second] = [later<string>(), later<string>()];
  const { root, set } = await draw(<Text ask={inTurn(first.promise, second.promise)} />, {});
  await set({ refreshes: 1 });
  await second.give("new");
  await first.give("old");
  expect(root.textContent).toBe("new");
});

test("a refresh asks again what failed, also where the list is the same", async () => {
  const { root, set } = await draw(<Text ask={inTurn<string>(BROKEN, "there")} />, {});
  expect(root.textContent).toBe("It broke.");
  await set({ refreshes: 1 });
  expect(root.textContent).toBe("there");
});

function Name({ of }: { of: string }) {
  const { answer, pending } = useItem(of);
  return <>{pending ? "pending" : answer?.name}</>;
}

test("what was asked of another project is not shown for this one", async () => {
  const second = later<unknown>();
  const api = { item: (key: string) => (key === "A" ? Promise.resolve(item({ name: "Alpha" })) : second.promise) };
  const place = document.createElement("div");
  const app = { api } as unknown as AppContext;
  const show = (of: string) => doing(() => render(<Context.Provider value={app}><Name of={of} /></Context.Provider>, place));
  await show("A");
  expect(place.textContent).toBe("Alpha");
  await show("B");
  expect(place.textContent).toBe("pending");
});

const rows = projects([{ key: "CHURN", governed: true }]);

function Waiting() {
  const state = useReviews();
  const active = useActiveUnapproved(rows, state);
  return <>{JSON.stringify({ failure: state.failure, pending: state.pending, active })}</>;
}

test.each<[string, unknown, object]>([
  ["on its way", later().promise, { failure: null, pending: true, active: null }],
  ["failed", BROKEN, { failure: "It broke.", pending: false, active: { count: 0, incomplete: true } }],
  ["a proxy's 404", new ApiError(404, {}), { failure: "The server answered 404.", pending: false, active: { count: 0, incomplete: true } }],
  ["not for this person", new ApiError(404, { status: 404, detail: "no" }), { failure: null, pending: false, active: { count: 0, incomplete: false } }],
  ["off", { off: "off", set_up_hub: false, reviews: [], unread: [] }, { failure: null, pending: false, active: { count: 0, incomplete: false } }],
])("reviews that are %s are told apart", async (_, answer, said) => {
  const { root } = await draw(<Waiting />, { reviews: inTurn(answer) });
  expect(JSON.parse(root.textContent)).toEqual(said);
});

function Note() {
  return <>{useSignoffs().note}</>;
}

test("sign-offs that failed are asked for again by a refresh", async () => {
  const { root, set } = await draw(<Note />, { signoffs: inTurn<unknown>(BROKEN, { off: null, unread: null, projects: {} }) });
  await expect.poll(() => root.textContent).toBe("Sign-offs are not shown: It broke. Refresh asks again.");
  await set({ refreshes: 1 });
  await expect.poll(() => root.textContent).toBe("");
});

test("changes since do not hide a project that cannot be read any more", () => {
  const unreadable = [{ project_key: "FRAUD", message: "it broke" }];
  expect(namesUnreadable(portfolio({ scope: { seen: 1 } }))).toBe(true);
  expect(namesUnreadable(portfolio({ scope: { seen: 2 }, unreadable }))).toBe(true);
  expect(namesUnreadable(portfolio({ scope: { seen: 2 } }))).toBe(false);
  expect(namesUnreadable(portfolio({ scope: { seen: 2 }, unreadable: [{ project_key: "CHURN", message: "it broke" }] }))).toBe(false);
});

test("bundles and models that could not be read are not none", async () => {
  const listed = { off: null, items: [], warnings: ["the versions of m cannot be listed"] };
  const { root } = await draw(<ProjectItems projectKey="CHURN" />, { governedItems: inTurn(listed) });
  expect(root.textContent).toBe("The versions of m cannot be listed.");
  const answer = { generated_on: "2026-11-27T10:00:00Z", off: null, deployments: null, not_looked_at: [], unreadable: [{ project_key: "CHURN", message: "it broke" }], rows: [] };
  const registry = await draw(<RegistryPage />, { registry: inTurn(answer) });
  expect(registry.root.textContent).toContain("1 project could not be read");
  expect(registry.root.textContent).not.toContain("No bundles and no models");
});

test("a hidden project that cannot be read again is not shown as before", async () => {
  const shown = item({ governed: false, form: { ...form(), actions: { hide: { allowed: true, why_not: null } } } });
  const api = { item: inTurn(shown), act: inTurn({ ...shown, saved: { sentence: "Hidden" } }) };
  const { root, press, type, submit } = await draw(<ItemPage projectKey="CHURN" section={null} />, api);
  await press("Hide…");
  await type("Reason", "a toy");
  await submit();
  expect(root.textContent).toContain("It broke.");
  expect(root.textContent).not.toContain("Govern…");
});

test("an agenda says that a project is being read", async () => {
  const decision = { key: "CHURN", name: "Churn", decision: null, comment: "", failure: null, saved: false };
  const props = { projectKey: "CHURN", place: "1 of 1", sitting: { date: "", body: "" }, decision, onChange: () => undefined, onPrevious: null, onNext: () => undefined };
  const { root } = await draw(<AgendaItem {...props} />, { item: () => later().promise });
  expect(root.textContent).toContain("Reading the project…");
});

test("the copy that was asked for last is adopted", async () => {
  const answers = { A: later<unknown>(), B: later<unknown>() };
  const copies = portfolio(table([{ key: "A", name: "Alpha", governed: false, state: "copied", writable: true }, { key: "B", name: "Beta", governed: false, state: "copied", writable: true }]) as unknown as Portfolio);
  const { root, press } = await draw(<Ungoverned />, { item: (key: "A" | "B") => answers[key].promise }, { portfolio: copies });
  const copy = (name: string) => item({ name, form: { ...form(), actions: { adopt: { allowed: true, why_not: null } } } });
  await press("Adopt Alpha…");
  await press("Adopt Beta…");
  await answers.B.give(copy("Beta"));
  await answers.A.give(copy("Alpha"));
  expect(root.querySelector("dialog h2")?.textContent).toBe("Adopt Beta");
});

test("why an act failed stays where the review cannot be read again", async () => {
  const api = { review: inTurn(review, new Error("The review cannot be read.")), takePart: inTurn() };
  const { root, press } = await draw(<ReviewPage address={review.address} step={null} />, api);
  await press("Approve");
  expect(root.querySelector(".gl-failure")?.textContent).toBe("It broke.");
});

test("an emergency changed while it is looked at is looked at again", async () => {
  const answer = later<Review>();
  const { root, type, submit } = await draw(<EmergencyDialog review={review} onAsk={() => answer.promise} onClose={() => undefined} />, {});
  await type("Why", "outage");
  await type("Ticket", "INC-1");
  await submit();
  await type("For how many hours", "300");
  await answer.give({ ...review, passes: "on PROD for 24 hours" });
  expect(root.textContent).not.toContain("24 hours");
  expect(root.querySelector(".gl-primary")?.textContent).toBe("Look what it does");
});

test("a hub that was changed while it was looked at is looked at again", async () => {
  const answer = later<Hub>();
  const { root, press, type } = await draw(<HubPage />, { hub: inTurn(hub), configureHub: () => answer.promise });
  await press("Review changes");
  await type("Governance managers", "user:eve");
  await answer.give({ ...hub, changes: [{ place: "emergency", from: null, to: ["user:ana"] }] });
  expect(root.textContent).not.toContain("1 change");
  expect(root.textContent).not.toContain("Save");
});
