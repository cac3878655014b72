"""Prints the README's table of settings and `.env.example`: `python -m tests.docs.settings`."""

from collections.abc import Iterator
from textwrap import wrap

from bot.config import Settings

HEAD = """\
# Every setting of Ellie with its default, made by `python -m tests.docs.settings env`.
# Copy this file to .env in the folder where you start Ellie, and take the # off what you change.
# What the environment says wins over .env."""


def settings() -> Iterator[tuple[str, str, str]]:
    """(name, default as it is written in .env, description); an unset one has the default ""."""
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else str(field.default)
        yield name.upper(), default, field.description or ""


def table() -> str:
    """The rows of the README's table."""
    lines = ["| setting | default | what it does |", "| --- | --- | --- |"]
    for name, default, description in settings():
        shown = f"`{default}`" if default else "unset"
        lines.append(f"| `{name}` | {shown} | {description} |")
    return "\n".join(lines)


def example() -> str:
    """The text of .env.example."""
    parts = [HEAD]
    for name, default, description in settings():
        about = "\n".join(f"# {line}" for line in wrap(description, 98))
        parts.append(f"{about}\n#{name}={default}")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    import sys

    asked = sys.argv[1:]
    if asked != ["env"]:
        print(table())
    if not asked:
        print()
    if asked != ["table"]:
        print(example(), end="")
