// People by name, with suggestions of DSS's users: the combobox of the ARIA Authoring Practices, list autocomplete.
// What DSS does not know may be typed all the same: sponsors need no login.
import { useId, useState } from "preact/hooks";
import { useAppState } from "../live/store";
import type { Json, Person } from "../live/types";
import { controlOf, type InputProps } from "./inputs";

const MAX_SUGGESTIONS = 8;

const namesOf = (value: Json): string => (Array.isArray(value) ? (value as string[]).join(", ") : typeof value === "string" ? value : "");

/** Returns who could be meant by what stands behind the last comma. */
export function suggestions(people: readonly Person[], text: string): Person[] {
  const typed = (text.split(",").at(-1) ?? "").trim().toLowerCase();
  if (typed === "") return [];
  return people.filter(({ login, name }) => name.toLowerCase().includes(typed) || login.toLowerCase().includes(typed)).slice(0, MAX_SUGGESTIONS);
}

export function PeopleInput(props: InputProps) {
  const { field, value, onChange } = props;
  const list = useId();
  const people = useAppState((state) => state.people);
  // the comma that was just typed would be lost in the list of names
  const [text, setText] = useState(() => namesOf(value));
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const shown = text.replace(/,\s*$/, "") === namesOf(value) ? text : namesOf(value);
  const offered = open ? suggestions(people, shown) : [];

  const take = (typed: string) => {
    setText(typed);
    const names = typed.split(",").map((name) => name.trim()).filter(Boolean);
    onChange(field.kind === "people" || field.several ? names : typed);
  };
  const choose = (person: Person) => {
    const before = shown.split(",").slice(0, -1).map((name) => name.trim());
    take([...before, field.kind === "people" ? person.login : person.name].join(", "));
    setOpen(false);
    setActive(-1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const person = offered[active];
    if (turn !== undefined && offered.length > 0) setActive((active + turn + offered.length) % offered.length);
    else if (event.key === "Enter" && person) choose(person);
    else if (event.key === "Escape" && offered.length > 0) setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="gl-combobox">
      <input
        {...controlOf(props)}
        type="text"
        dir="auto"
        role="combobox"
        autoComplete="off"
        aria-autocomplete="list"
        aria-expanded={offered.length > 0}
        aria-controls={list}
        aria-activedescendant={offered[active] ? `${list}-${active}` : undefined}
        value={shown}
        onInput={(event) => {
          take(event.currentTarget.value);
          setOpen(true);
          setActive(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setOpen(false)}
      />
      <ul id={list} role="listbox" aria-label={`Suggestions for ${field.label}`} hidden={offered.length === 0}>
        {offered.map((person, at) => (
          <li
            key={person.login}
            id={`${list}-${at}`}
            role="option"
            aria-selected={at === active}
            // the press would take focus from the input, and close the list before the click
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(person)}
          >
            <bdi>{person.name}</bdi> <small>{person.login}</small>
          </li>
        ))}
      </ul>
    </div>
  );
}
