// What can wait until the page has nothing else to do.

/** Does something in an idle time, of which Safari has none; returns what calls that off. */
export function whenIdle(work: (idle: IdleDeadline | null) => void): () => void {
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(() => work(null), 50);
    return () => clearTimeout(timer);
  }
  const idle = window.requestIdleCallback(work);
  return () => window.cancelIdleCallback(idle);
}
