import { expect, test } from "vitest";
import { hashOf, itemHash, parseRoute, samePage, startHash } from "../../src/live/route";

test("an empty address is Home", () => {
  expect(parseRoute("").page).toBe("home");
  expect(parseRoute("#").page).toBe("home");
});

test("a link to a section opens it", () => {
  expect(parseRoute(itemHash("A&B=C", "qualification"))).toMatchObject({ page: "item", item: "A&B=C", section: "qualification" });
  expect(parseRoute("#item=CHURN")).toMatchObject({ page: "item", item: "CHURN", section: null });
});

test("filters of the portfolio stay in the address", () => {
  const route = parseRoute(hashOf("projects", { stale: "", owner: "ana" }));
  expect(route.page).toBe("projects");
  expect(route.rest.get("owner")).toBe("ana");
  expect(route.rest.has("stale")).toBe(true);
});

test("a link of the report opens Projects", () => {
  expect(parseRoute("#view=kanban&q=churn").page).toBe("projects");
});

test("an unknown page and an item without a key lead somewhere", () => {
  expect(parseRoute("#page=nowhere").page).toBe("home");
  expect(parseRoute("#page=item").page).toBe("home");
});

test("a filter is no new page, a section is one", () => {
  const at = (hash: string) => parseRoute(hash);
  expect(samePage(at("#page=projects&q=a"), at("#page=projects&q=ab"))).toBe(true);
  expect(samePage(at("#item=A&section=x"), at("#item=A&section=y"))).toBe(false);
  expect(samePage(at("#item=A"), at("#item=B"))).toBe(false);
});

const framed = (own: string, around: () => string) =>
  startHash({ location: { hash: own }, parent: { get location() { return { hash: around() }; } } } as unknown as Window);

test("a link to DSS's page around the frame opens the item", () => {
  expect(framed("", () => "#page=item&item=CHURN")).toBe("#page=item&item=CHURN");
  expect(framed("", () => "#item=CHURN")).toBe("#item=CHURN");
  expect(framed("#page=home", () => "#page=item&item=CHURN")).toBe("#page=home");
});

test("a fragment of DSS's own leads nowhere else", () => {
  expect(framed("", () => "#/some/place")).toBe("");
  expect(framed("", () => "#page=dss-settings")).toBe("");
  expect(framed("", () => { throw new DOMException("another origin", "SecurityError"); })).toBe("");
});
