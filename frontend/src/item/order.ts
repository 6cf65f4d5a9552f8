// In which order a section shows its fields: what is required first, then the rest, notes, documents; a comment stands
// below what it comments on.
import type { Form, Section } from "../live/types";

const LATE: Record<string, number> = { text: 1, documents: 2 };

export interface Placed {
  path: string;
  comment: string | null;
}

export function placedFields(section: Section, form: Form): Placed[] {
  const paths = section.paths.filter((path) => form.fields[path] !== undefined && form.fields[path].kind !== "status");
  const comments = new Set(paths.map((path) => form.fields[path]?.comment_path).filter((path) => path !== null));
  const rank = (path: string): number => {
    const field = form.fields[path];
    if (field === undefined) return 9;
    const required = field.required_for.length > 0 && (section.kind === "overview" || field.required_for.includes(section.id));
    return required ? 0 : 1 + (LATE[field.kind] ?? 0);
  };
  return paths
    .filter((path) => !comments.has(path))
    .map((path, at) => ({ path, at, rank: rank(path) }))
    .sort((one, other) => one.rank - other.rank || one.at - other.at)
    .map(({ path }) => {
      const comment = form.fields[path]?.comment_path ?? null;
      return { path, comment: comment !== null && form.fields[comment] !== undefined && paths.includes(comment) ? comment : null };
    });
}

/** Returns the section whose fields hold a path, the first one for what stands in several. */
export function sectionOf(path: string, form: Form): string | null {
  const step = /^steps\.(.+)\.status$/.exec(path)?.[1];
  return step ?? form.sections.find((section) => section.paths.includes(path))?.id ?? null;
}
