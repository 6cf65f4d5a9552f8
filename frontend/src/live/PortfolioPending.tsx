// In place of the projects, until they are there: that they are read, or why they cannot be.
import { useApp, useAppState } from "./store";

export function PortfolioPending() {
  const { refresh } = useApp();
  const failure = useAppState((state) => state.portfolioError);
  if (failure === null) return <p class="gl-soft">Reading the projects…</p>;
  return (
    <div role="alert">
      <p class="gl-failure">{failure}</p>
      <button type="button" onClick={() => void refresh()}>
        Try again
      </button>
    </div>
  );
}
