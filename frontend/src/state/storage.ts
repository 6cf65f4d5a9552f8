// What the browser keeps for the page. A frame or a setting may forbid it: then nothing is kept, and all else works.

/** Returns the browser's store; null where it may not be used. */
export function browserStorage(): Storage | null {
  try {
    const { localStorage } = window;
    // some browsers give a store that fails when it is first read
    localStorage.getItem("");
    return localStorage;
  } catch {
    return null;
  }
}
