// Why the page did not begin, in its place: nobody should look at an empty one.

/** Shows what went wrong in place of what an element holds. */
export function showFailure(root: HTMLElement, error: unknown): void {
  const said = document.createElement("p");
  said.className = "gm-note";
  said.setAttribute("role", "alert");
  said.textContent = failureText(error);
  root.replaceChildren(said);
}

/** Returns what was thrown as a sentence. */
export function failureText(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).trim();
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}
