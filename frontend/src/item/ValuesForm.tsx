// Some fields of a form, filled in before there is an item to edit: Govern, Adopt, and changes of many projects.
import type { Form, Json, Values } from "../live/types";
import { FieldEdit } from "./FieldEdit";

interface Props {
  form: Form;
  paths: readonly string[];
  values: Values;
  onChange: (values: Values) => void;
  errors?: Readonly<Record<string, string>>;
}

export function ValuesForm({ form, paths, values, onChange, errors = {} }: Props) {
  return (
    <div class="gl-form">
      {paths.map((path) => {
        const field = form.fields[path];
        if (field === undefined) return null;
        return (
          <FieldEdit
            key={path}
            path={path}
            field={field}
            value={values[path] ?? null}
            error={errors[path]}
            onChange={(value: Json) => onChange({ ...values, [path]: value })}
          />
        );
      })}
    </div>
  );
}

/** Returns the Overview's fields to ask for when a project is governed: its initiative and ratings. */
export function governPaths(form: Form): string[] {
  return overviewPaths(form).filter((path) => form.fields[path]?.role === "initiative" || form.fields[path]?.kind === "rating");
}

/** Returns those to ask for when a copy is adopted: what is its own, as where it is used, for whom, and its dates. */
export function adoptPaths(form: Form): string[] {
  return overviewPaths(form).filter((path) => {
    const field = form.fields[path];
    return field !== undefined && field.role !== "initiative" && ["line", "people", "date"].includes(field.kind);
  });
}

function overviewPaths(form: Form): string[] {
  return form.sections.find((section) => section.kind === "overview")?.paths ?? [];
}

/** Returns the first error of each path; what stands at no field of the form is left to the message. */
export function errorsByPath(errors: readonly { path: string | null; message: string; hint?: string }[]): Record<string, string> {
  const byPath: Record<string, string> = {};
  for (const { path, message, hint } of errors) if (path !== null) byPath[path] ??= hint ? `${message} ${hint}` : message;
  return byPath;
}
