import { expect, test, vi } from "vitest";
import { Api, ApiError, ConnectionError, filledValues, messageOf, NO_CONNECTION, SESSION_ENDED } from "../../src/live/api";

function apiOf(...answers: (Response | Error)[]) {
  const listener = { connected: vi.fn(), sessionEnded: vi.fn(), updated: vi.fn() };
  const asked: [string, RequestInit][] = [];
  const ask = (path: RequestInfo | URL, init?: RequestInit) => {
    asked.push([path as string, init ?? {}]);
    const answer = answers.shift() ?? new Error("no more answers");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { api: new Api("api/", listener, ask), listener, asked };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) => new Response(JSON.stringify(body), { status, headers });
const headersOf = ([, init]: [string, RequestInit]) => new Headers(init.headers);

test("every request says that it comes from the page", async () => {
  const { api, asked } = apiOf(json({ events: [] }), json({}));
  await api.recent();
  await api.act("A_B", "close", { reason: "done" });
  expect(asked.map(([path]) => path)).toEqual(["api/recent", "api/items/A_B/close"]);
  for (const request of asked) expect(headersOf(request).get("X-Requested-With")).toBe("govern-mirror");
});

test("a key is one part of the address, whatever it holds", async () => {
  const { api, asked } = apiOf(json({}));
  await api.item("../me?x#");
  expect(asked[0]?.[0]).toBe("api/items/..%2Fme%3Fx%23");
});

test("a problem's sentence and hint are what people read", async () => {
  const { api } = apiOf(json({ detail: "the step is skipped already", hint: "press *Reopen*", errors: [{ path: null, message: "m" }] }, 422));
  const error: unknown = await api.save("K", { revision: 1, seen: {}, changes: {}, statuses: {}, reason: null }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(messageOf(error)).toBe("The step is skipped already. Press Reopen.");
  expect((error as ApiError).problem.errors).toHaveLength(1);
});

test("an answer in HTML tells its status only", async () => {
  const { api } = apiOf(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await expect(api.item("K")).rejects.toThrow("The server answered 502.");
});

test("an ended session is told with what to do", async () => {
  const { api, listener } = apiOf(json({ detail: "no" }, 401), json({ events: [] }));
  await expect(api.me()).rejects.toThrow(SESSION_ENDED);
  expect(listener.sessionEnded.mock.calls).toEqual([[true]]);
  await api.recent();
  expect(listener.sessionEnded).toHaveBeenLastCalledWith(false);
});

test("a lost connection is told, and that it is back", async () => {
  const { api, listener } = apiOf(new TypeError("failed to fetch"), json({ events: [] }));
  await expect(api.recent()).rejects.toThrow(NO_CONNECTION);
  await expect(api.recent()).resolves.toEqual({ events: [] });
  expect(listener.connected.mock.calls).toEqual([[false], [true]]);
  expect(new ConnectionError().message).toBe(NO_CONNECTION);
});

test("what did not change is taken from the answer before", async () => {
  const { api, asked } = apiOf(json({ token: "t" }, 200, { ETag: '"1"' }), new Response(null, { status: 304 }));
  const first = await api.portfolio();
  expect(await api.portfolio()).toBe(first);
  expect(headersOf(asked[1] ?? ["", {}]).get("If-None-Match")).toBe('"1"');
});

test("another version of the backend is told", async () => {
  const version = (name: string) => json({}, 200, { "X-Govern-Mirror-Version": name });
  const { api, listener } = apiOf(version("1"), version("1"), version("2"));
  await api.recent();
  await api.recent();
  expect(listener.updated).not.toHaveBeenCalled();
  await api.recent();
  expect(listener.updated).toHaveBeenCalledOnce();
});

test("blanks of a form are not sent", () => {
  expect(filledValues({ a: "", b: null, c: [], d: 0, e: false, f: "x" })).toEqual({ d: 0, e: false, f: "x" });
});
