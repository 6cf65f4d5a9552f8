// The names of the projects that the portfolio knows, by their keys.
import { useMemo } from "preact/hooks";
import { useAppState } from "./store";
import { keyText } from "./rows";

export function useNames(): ReadonlyMap<string, string> {
  const portfolio = useAppState((state) => state.portfolio);
  return useMemo(() => {
    const [keys, names] = [portfolio?.columns["key"], portfolio?.columns["name"]];
    if (!Array.isArray(keys) || !Array.isArray(names)) return new Map<string, string>();
    return new Map(keys.map((key, at) => [keyText(key), keyText(names[at] ?? key)]));
  }, [portfolio]);
}
