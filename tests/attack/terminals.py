"""What a terminal or the log of a CI system would obey."""

import re

OBEYED = {
    "an escape sequence or another control character": re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]"),
    "a direction mark, or what nobody sees": re.compile(
        "[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
    ),
    "a command of Azure Pipelines, GitHub Actions or TeamCity": re.compile(r"##[A-Za-z]*\["),
    "a command of GitHub Actions": re.compile(r"^\s*::", re.MULTILINE),
    "a line that people wrote": re.compile(r"^Gate met: all", re.MULTILINE),
}


def is_harmless(printed: str) -> bool:
    """Whether a terminal and a log only show it."""
    return not any(pattern.search(printed) for pattern in OBEYED.values())
