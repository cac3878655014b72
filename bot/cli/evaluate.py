"""The command `ellie eval retrieval`: its options."""

from pathlib import Path

import click


@click.group(name="eval")
def evaluate() -> None:
    """Measure how well Ellie remembers."""


@evaluate.command()
@click.option("--dataset", required=True, metavar="FILE", help="Dialogues in LoCoMo's format.")
@click.option(
    "--embedder",
    type=click.Choice(["local", "openai"]),
    default="local",
    show_default=True,
    help="The built-in one, or that of the server which the settings name.",
)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    metavar="TOKENS",
    help="Measure what fits into so many tokens too, beside 700, 2000 and 7000.",
)
@click.option("--baselines", is_flag=True, help="Measure plain BM25 and plain cosine too.")
@click.option("--json", "json_file", metavar="FILE", help="Write the numbers to a file too.")
def retrieval(
    dataset: str, embedder: str, budget: int | None, baselines: bool, json_file: str | None
) -> None:
    """Measure how much of what answers a question is found.

    The dialogues are stored in a database of their own, which is gone afterwards. No language model
    is asked.
    """
    from bot.cli.measure import measure_retrieval

    measure_retrieval(
        Path(dataset),
        embedder,
        budget_tokens=budget,
        baselines=baselines,
        json_file=None if json_file is None else Path(json_file),
    )
