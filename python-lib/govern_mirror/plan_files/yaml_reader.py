"""A plan file as YAML, read event by event.

`yaml.compose` would be half the code, and cannot keep these bounds: it builds every node before the first can be
refused (600 bytes for a comma of the file), recurses in C, so that nesting ends the process (PyYAML 6.0.1), and gives
nodes in which neither an alias nor an explicit tag can be told from a plain value. Here nothing is built that the
format does not know, no alias is followed, and every value knows its line.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, NoReturn, TypeAlias

import yaml

from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import Blueprint, Field, Kind
from govern_mirror.plan_files.entry import (
    FORMAT_VERSION,
    MAX_PROJECTS,
    SPLIT,
    Entry,
    EntryBuilder,
    FileErrors,
    fields,
)
from govern_mirror.text import clipped

MAX_DEPTH = 50
"""How deep a file may nest; the format itself needs five levels."""

TOO_DEEP = "nests deeper than a plan file does: what is below was not read"

MAX_EVENTS = 4_000_000
"""Keys, values and brackets of a file: each costs a microsecond, however short it is."""

MAX_DIRECTIVES = 10
"""Lines that may begin with `%`: libyaml compares each directive with all others."""

Tree: TypeAlias = "dict[str, Field | Tree]"
"""The fields of an entry, nested as the file has them."""

Resolve: TypeAlias = Callable[[str], str]
"""From a key as it is written to the one that is meant; raises InputError for one that is not known."""

# https://yaml.org/spec/1.2.2/#103-core-schema
_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
_NOT_TEXT = re.compile(
    r"(?:true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)

# https://yaml.org/spec/1.2.2/#51-character-set
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

_DIRECTIVE = re.compile("(?:^|[\n\r\x85\u2028\u2029])\ufeff?%")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it: it is ten times as fast."""


def is_plain_text(text: str) -> bool:
    """Whether YAML takes a text that is not quoted for a text, not for a number, a boolean or null."""
    return not _NULL.match(text) and not _NOT_TEXT.match(text)


def nested(blueprint: Blueprint) -> Tree:
    """The fields of an entry as the file nests them: by the parts of their paths."""
    tree: Tree = {}
    for field in fields(blueprint):
        *parents, name = field.path.split(".")
        branch = tree
        for parent in parents:
            below = branch.setdefault(parent, {})
            assert isinstance(below, dict), f"{field.path} lies below another field"
            branch = below
        branch[name] = field
    return tree


def entries(text: str, blueprint: Blueprint, errors: FileErrors) -> list[Entry]:
    """Read the entries of a file; what is wrong is noted.

    Raises:
        StopReading: the rest of the file cannot be read.
    """
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        errors.stop(line, "", f"holds the control character U+{ord(control.group()):04X}: take it away")
    if sum(1 for _ in islice(_DIRECTIVE.finditer(text), MAX_DIRECTIVES + 1)) > MAX_DIRECTIVES:
        errors.stop(1, "", "holds many directives, lines that begin with %: take them away, a plan file needs none")
    return _Reader(text, blueprint, errors).entries()


class _Reader:
    def __init__(self, text: str, blueprint: Blueprint, errors: FileErrors) -> None:
        self._blueprint = blueprint
        self._errors = errors
        self._tree = nested(blueprint)
        self._depth = 0
        self._events_left = MAX_EVENTS
        self._source = text
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)

    def entries(self) -> list[Entry]:
        self._next()  # the stream begins
        root = self._next()
        if isinstance(root, yaml.StreamEndEvent):
            self._errors.stop(None, "", "is empty: `govern-mirror report --format plan -o FILE` writes a plan file")
        root = self._next()
        entries = self._file(root)
        self._next()  # the document ends
        after = self._next()
        if isinstance(after, yaml.DocumentStartEvent):
            self._errors.stop(_line(after), "", "a second document begins here: a plan file has one; take the --- away")
        return entries

    def _file(self, root: yaml.Event) -> list[Entry]:
        if not isinstance(root, yaml.MappingStartEvent):
            self._errors.stop(_line(root), "", "a plan file begins with `format_version: 1` and `projects:`")
        entries: list[Entry] = []
        node_id: str | None = None
        names = set()
        for name, line, value in self._pairs("", _one_of(("format_version", "node_id", "projects"))):
            names.add(name)
            if name == "format_version":
                self._version(value, line)
            elif name == "node_id":
                node_id = self._text(value, name, is_free=True)
            else:
                entries = self._projects(value)
        for name, example in (("format_version", f"format_version: {FORMAT_VERSION}"), ("projects", "projects:")):
            if name not in names:
                self._errors.add(1, name, f"is missing: write `{example}` at the file's beginning")
        return entries if node_id is None else [replace(entry, node_id=node_id) for entry in entries]

    def _version(self, value: yaml.Event, line: int) -> None:
        if isinstance(value, yaml.ScalarEvent) and value.value == str(FORMAT_VERSION) and _is_plain(value):
            return
        version = repr(clipped(value.value)) if isinstance(value, yaml.ScalarEvent) else "this"
        self._errors.stop(
            line, "format_version", f"is {version}, this version reads {FORMAT_VERSION}: export the file anew"
        )

    def _projects(self, value: yaml.Event) -> list[Entry]:
        if _is_null(value):
            return []
        if not self._is_mapping(value, "projects", "projects by their key, indented: `  CHURN:`"):
            return []
        entries: list[Entry] = []
        for key, line, body in self._pairs("projects", _project_key):
            if len(entries) == MAX_PROJECTS:
                self._errors.stop(line, "projects", f"holds more than {MAX_PROJECTS:,} projects: {SPLIT}")
            builder = EntryBuilder(key, line, self._blueprint, self._errors)
            if not _is_null(body):
                self._entry(body, builder)
            entries.append(builder.entry())
        return entries

    def _entry(self, body: yaml.Event, builder: EntryBuilder) -> None:
        names = ("revision", "hand_edits", *self._tree)
        if not self._is_mapping(body, builder.project_key, f"{', '.join(names)}, indented"):
            return
        for name, line, value in self._pairs(builder.project_key, _one_of(names)):
            if name == "revision":
                text = self._text(value, f"{builder.project_key} {name}")
                if text is not None:
                    builder.revision(text if _is_plain(value) else f"'{text}'", line)
            elif name == "hand_edits":
                builder.hand_edits = self._text(value, f"{builder.project_key} {name}")
            else:
                below = self._tree[name]
                assert isinstance(below, dict)
                self._section(value, below, name, builder)

    def _section(self, start: yaml.Event, tree: Tree, path: str, builder: EntryBuilder) -> None:
        if not self._is_mapping(start, f"{builder.project_key} {path}", f"{', '.join(tree)}, indented below it"):
            return
        resolve = self._step if path == "steps" else _one_of(tuple(tree))
        for name, line, value in self._pairs(f"{builder.project_key} {path}", resolve):
            below, at = tree[name], f"{path}.{name}"
            if isinstance(below, dict):
                self._section(value, below, at, builder)
            elif _is_null(value):
                builder.add(at, at, None, line)
            else:
                where = f"{builder.project_key} {at}"
                if below.is_list and isinstance(value, yaml.SequenceStartEvent) and value.tag is None:
                    text = self._list(where)
                else:
                    text = self._text(value, where, is_free=below.kind in (Kind.LINE, Kind.TEXT))
                if text is not None:
                    builder.add(at, at, text, _line(value))

    def _step(self, text: str) -> str:
        return self._blueprint.step(text).id

    def _pairs(self, where: str, resolve: Resolve) -> Iterator[tuple[str, int, yaml.Event]]:
        """The keys of a mapping that was begun, each with its line and the event that begins its value.

        Whoever takes a pair reads its value to the end. Unknown and repeated keys are noted and passed over.
        """
        lines: dict[str, int] = {}
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            name = self._key(key, where, resolve)
            value = self._next()
            if name is None:
                self._skip(value)
            elif name in lines:
                label = f"{where} {clipped(name)}".strip()
                self._errors.add(_line(key), label, f"stands twice, first in line {lines[name]}: take one of them away")
                self._skip(value)
            else:
                lines[name] = _line(key)
                yield name, _line(key), value

    def _key(self, key: yaml.Event, where: str, resolve: Resolve) -> str | None:
        if not isinstance(key, yaml.ScalarEvent) or key.tag is not None:
            self._errors.add(_line(key), where, "a key is a plain word: write `key: value`")
            self._skip(key)
            return None
        try:
            return resolve(key.value)
        except InputError as error:
            self._errors.add(_line(key), where, str(error))
            return None

    def _is_mapping(self, event: yaml.Event, where: str, expected: str) -> bool:
        """Whether a mapping begins here; all else is noted and passed over."""
        if isinstance(event, yaml.MappingStartEvent) and event.tag is None:
            return True
        if not self._is_foreign(event, where):
            self._errors.add(_line(event), where, f"is {_what(event)} where a mapping belongs: it takes {expected}")
        self._skip(event)
        return False

    def _text(self, event: yaml.Event, where: str, *, is_free: bool = False) -> str | None:
        """The text of a scalar; None when it is none, which is noted. Free text must be one for YAML too."""
        if self._is_foreign(event, where):
            self._skip(event)
            return None
        if not isinstance(event, yaml.ScalarEvent):
            self._errors.add(_line(event), where, f"is {_what(event)} where one value belongs")
            self._skip(event)
            return None
        text: str = event.value
        if not text:
            self._errors.add(_line(event), where, "is blank: write none to clear it, or take the key away to leave it")
            return None
        if is_free and _is_plain(event) and _NOT_TEXT.match(text):
            self._errors.add(
                _line(event), where, f"{clipped(text)} is not a text in YAML: put it in quotes, '{clipped(text)}'"
            )
            return None
        return text

    def _list(self, where: str) -> str | None:
        """The texts of a list that was begun, with commas between them; None when one is none, which is noted."""
        texts = []
        while not isinstance(item := self._next(), yaml.SequenceEndEvent):
            texts.append(self._text(item, where))
        return None if None in texts else ", ".join(text or "" for text in texts)

    def _is_foreign(self, event: yaml.Event, where: str) -> bool:
        """Whether the event is an alias or has a tag, which is noted."""
        if isinstance(event, yaml.AliasEvent):
            self._errors.add(_line(event), where, f"*{clipped(event.anchor)} is an alias: write the value itself")
            return True
        if getattr(event, "tag", None) is not None:
            tag = clipped(event.tag)  # type: ignore[attr-defined]
            self._errors.add(_line(event), where, f"has the tag {tag}: take it away, a plan file needs none")
            return True
        return False

    def _skip(self, event: yaml.Event) -> None:
        """Read a value to its end without keeping any of it."""
        end = self._depth - 1 if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent) else self._depth
        while self._depth > end:
            self._next()

    def _next(self) -> yaml.Event:
        try:
            event = next(self._events)
        except yaml.MarkedYAMLError as error:
            self._stop_at(error)
        except yaml.YAMLError as error:
            self._errors.stop(None, "", f"is not YAML: {' '.join(str(error).split())}")
        self._events_left -= 1
        if self._events_left < 0:
            self._errors.stop(_line(event), "", f"holds more than {MAX_EVENTS:,} keys and values: {SPLIT}")
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._depth += 1
            if self._depth > MAX_DEPTH:
                self._errors.stop(_line(event), "", TOO_DEEP)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._depth -= 1
        return event

    def _stop_at(self, error: yaml.MarkedYAMLError) -> NoReturn:
        mark: Any = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "it cannot be read"
        at = "" if mark is None else next(islice(io.StringIO(self._source), mark.line, None), "")
        if "nesting depth" in problem:  # PyYAML's own bound, from 6.0.3 on
            message = TOO_DEEP
        elif "\t" in at[: len(at) - len(at.lstrip())]:
            message = "a tab stands where YAML takes blanks only: indent with blanks"
        else:
            message = f"is not YAML from here on ({problem}): correct it, what follows was not read"
        self._errors.stop(None if mark is None else mark.line + 1, "", message)


def _one_of(names: tuple[str, ...]) -> Resolve:
    allowed = frozenset(names)

    def resolve(text: str) -> str:
        if text in allowed:
            return text
        raise InputError(f"unknown field {clipped(text)!r}: use one of {', '.join(names)}")

    return resolve


def _project_key(text: str) -> str:
    if text.strip():
        return text
    raise InputError("a project without a key: write it before the colon")


def _line(event: yaml.Event) -> int:
    mark: Any = event.start_mark
    return int(mark.line) + 1


def _is_plain(event: yaml.Event) -> bool:
    return not getattr(event, "style", None)


def _is_null(event: yaml.Event) -> bool:
    return (
        isinstance(event, yaml.ScalarEvent)
        and event.tag is None
        and _is_plain(event)
        and bool(_NULL.match(event.value))
    )


def _what(event: yaml.Event) -> str:
    if isinstance(event, yaml.SequenceStartEvent):
        return "a list"
    if isinstance(event, yaml.MappingStartEvent):
        return "a mapping"
    return "blank" if _is_null(event) else "one value"
