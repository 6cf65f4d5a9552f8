// The address's fragment: it says what the page shows, so that links can be sent and Back goes back. A sandboxed `srcdoc`
// frame has no address of its own and refuses every change of it: there the fragment is kept here, and only Back is lost.

let kept: string | null = null;
const listeners = new Set<() => void>();

/** Returns the fragment with its `#`, or nothing. */
export const readFragment = (): string => kept ?? location.hash;

/** Writes the fragment; `step` makes an entry that Back returns from. */
export function writeFragment(fragment: string, { step = false } = {}): void {
  if (fragment === (readFragment() || "#")) return;
  try {
    if (step) history.pushState(null, "", fragment);
    else history.replaceState(null, "", fragment);
    kept = null;
  } catch {
    kept = fragment;
  }
}

/** Goes elsewhere on the page: what follows the address hears of it. */
export function goTo(fragment: string): void {
  writeFragment(fragment, { step: true });
  for (const listener of [...listeners]) listener();
}

/** Calls when Back, a link or `goTo` leads elsewhere; returns what ends that. */
export function followFragment(listener: () => void): () => void {
  const moved = (): void => {
    kept = null;
    listener();
  };
  listeners.add(listener);
  window.addEventListener("popstate", moved);
  window.addEventListener("hashchange", moved);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", moved);
    window.removeEventListener("hashchange", moved);
  };
}

/** Follows links within the page, which lead out of it where it has no address. */
export function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const fragment = link?.getAttribute("href") ?? "";
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (event.defaultPrevented || !isPlain || !fragment.startsWith("#")) return;
  event.preventDefault();
  goTo(fragment);
}
