// The sections at the left, with marks for the steps' statuses and for what is wrong or changed in them.
import { itemHash } from "../live/route";
import { countText } from "../live/time";
import type { Item } from "../live/types";
import { statusPath } from "./edit";
import { sectionOf } from "./order";
import { statusMark, statusWord } from "./StepBar";
import type { Editor } from "./useEditor";

/** Tells whether an item is a project, and not one of its bundles or versions. */
export const isProject = (item: Item): boolean => item.address === item.project_key;

export interface MenuEntry {
  id: string;
  name: string;
  mark: string;
  words: string;
}

/** Returns the entries in their order: Overview, Source, the steps, Attachments, Bundles and models, Timeline. */
export function menuEntries(item: Item): MenuEntry[] {
  const plain = (id: string, name: string): MenuEntry => ({ id, name, mark: "", words: "" });
  const of = (kind: "overview" | "step") => item.form.sections.filter((section) => section.kind === kind);
  return [
    ...of("overview").map(({ id, name }) => plain(id, name)),
    plain("source", "Source"),
    ...of("step").map(({ id, name }) => {
      const status = item.steps.find((step) => step.id === id)?.status ?? "";
      return { id, name, mark: statusMark(status), words: statusWord(status) };
    }),
    plain("attachments", "Attachments"),
    ...(item.governed && isProject(item) ? [plain("items", "Bundles and models")] : []),
    plain("timeline", "Timeline"),
  ];
}

function CountChip({ count, word, kind }: { count: number; word: string; kind: string }) {
  return (
    <span class={`gl-chip ${kind}`} title={countText(count, word)}>
      {count}
      <span class="gl-hidden"> {countText(count, word).replace(/^\S+ /, "")}</span>
    </span>
  );
}

export function SectionMenu({ item, section, editor }: { item: Item; section: string; editor: Editor }) {
  const { form } = item;
  const count = (paths: readonly (string | null)[], id: string) => paths.filter((path) => path !== null && sectionOf(path, form) === id).length;
  const { known } = editor;
  const changedPaths = known === null ? [] : [...Object.keys(known.changes), ...Object.keys(known.moves).map(statusPath)];
  return (
    <nav class="gl-menu" aria-label="Sections">
      <ul>
        {menuEntries(item).map(({ id, name, mark, words }) => {
          const [errors, changes] = [count(editor.errors.map(({ path }) => path), id), count(changedPaths, id)];
          return (
            <li key={id}>
              <a href={itemHash(item.address, id)} aria-current={id === section ? "page" : undefined}>
                <span class="gl-mark" aria-hidden="true">
                  {mark}
                </span>
                <span>{name}</span>
                {words && <span class="gl-hidden">, {words}</span>}
                {errors > 0 && <CountChip count={errors} word="error" kind="gl-bad" />}
                {errors === 0 && changes > 0 && <CountChip count={changes} word="change" kind="" />}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
