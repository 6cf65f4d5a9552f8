// Govern a project, or adopt a copy: a few fields, sent with the act.
import { useState } from "preact/hooks";
import { ApiError, filledValues } from "../live/api";
import { useApp } from "../live/store";
import type { Item, SavedItem, Values } from "../live/types";
import { ActionDialog } from "./ActionDialog";
import { adoptPaths, errorsByPath, governPaths, ValuesForm } from "./ValuesForm";

interface Props {
  act: "govern" | "adopt";
  item: Item;
  onDone: (item: SavedItem) => void;
  onClose: () => void;
}

// What a copy says stands in the form, but for dates: those were the original's.
function firstValues(item: Item, paths: readonly string[]): Values {
  return Object.fromEntries(paths.map((path) => [path, item.form.fields[path]?.kind === "date" ? null : (item.form.fields[path]?.value ?? null)]));
}

export function ValuesDialog({ act, item, onDone, onClose }: Props) {
  const { api } = useApp();
  const paths = act === "govern" ? governPaths(item.form) : adoptPaths(item.form);
  const [values, setValues] = useState<Values>(() => firstValues(item, paths));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const name = item.name ?? item.address;
  const send = async () => {
    try {
      onDone(await api.act(item.address, act, { values: filledValues(values) }));
    } catch (error) {
      if (error instanceof ApiError) setErrors(errorsByPath(error.problem.errors ?? []));
      throw error;
    }
  };
  return (
    <ActionDialog title={act === "govern" ? `Govern ${name}` : `Adopt ${name}`} label={act === "govern" ? "Govern" : "Adopt"} onDo={send} onClose={onClose} wide>
      <p>
        {act === "govern"
          ? "Its workflow begins at the first step. All of this can be changed later."
          : "The copy becomes a project of its own: ratings, notes and documents stay, its workflow begins anew, decision and dates are blank."}
      </p>
      <ValuesForm form={item.form} paths={paths} values={values} onChange={setValues} errors={errors} />
    </ActionDialog>
  );
}
