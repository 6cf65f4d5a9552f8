// Views that people named, kept in the browser: a name and an address's fragment. A browser may refuse to keep anything.
import { browserStorage } from "./storage";

export interface SavedView {
  readonly name: string;
  readonly address: string;
}

const KEY = "govern-mirror.views";

function parse(text: string | null): SavedView[] {
  const saved: unknown = JSON.parse(text ?? "[]");
  if (!Array.isArray(saved)) return [];
  return saved.flatMap((view: unknown) => {
    if (typeof view !== "object" || view === null || !("name" in view) || !("address" in view)) return [];
    const { name, address } = view;
    return typeof name === "string" && typeof address === "string" ? [{ name, address }] : [];
  });
}

/** The views that are kept; null when this browser keeps nothing for the page. */
export function readViews(): SavedView[] | null {
  const storage = browserStorage();
  try {
    return storage && parse(storage.getItem(KEY));
  } catch (error) {
    // somebody else wrote what is no list: it is as good as empty
    return error instanceof SyntaxError ? [] : null;
  }
}

/** Keeps views; false when the browser refuses. */
export function writeViews(views: readonly SavedView[]): boolean {
  const storage = browserStorage();
  try {
    storage?.setItem(KEY, JSON.stringify(views));
    return storage !== null;
  } catch {
    return false;
  }
}
