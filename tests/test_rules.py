"""Every rule of the platforms has a test that is marked with its id, or a reason why not."""

import re
import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RULES = {"D": 25, "S": 27, "M": 11}
"""Discord's, Slack's, and those of memory, each numbered from 1."""
SOURCE = HERE.parents[1] / "shared" / "design" / "platform-rules.md"
MARK = re.compile(r'@pytest\.mark\.rule\("([A-Z]\d+)"\)')


def marked() -> set[str]:
    """The rules that tests are marked with."""
    return {
        rule for file in HERE.rglob("test_*.py") for rule in MARK.findall(file.read_text("utf-8"))
    }


def left_out() -> set[str]:
    """The rules that do not apply."""
    listed = tomllib.loads((HERE / "rules_not_applicable.toml").read_text("utf-8"))
    assert all(isinstance(reason, str) and reason for reason in listed.values())
    return set(listed)


def every(count: int) -> range:
    return range(1, count + 1)


def test_each_rule_is_held_by_a_test_or_left_out_for_a_reason_and_not_both() -> None:
    rules = {f"{kind}{number}" for kind, count in RULES.items() for number in every(count)}
    assert marked() | left_out() == rules
    assert marked() & left_out() == set()


@pytest.mark.skipif(not SOURCE.exists(), reason="the rules are not on this machine")
def test_the_rules_are_those_that_were_agreed() -> None:
    agreed = re.findall(r"^\| ([DSM]\d+) \|", SOURCE.read_text("utf-8"), re.MULTILINE)
    assert sorted(agreed) == sorted(f"{k}{n}" for k, count in RULES.items() for n in every(count))
