"""What Ellie says as Slack takes it."""

import pytest

from adapters.slack.markdown import FALLBACK, fallback, neutral, settled


def test_nobody_is_called_and_all_else_stays_markdown() -> None:
    text = "**a** <!here> <@U1> <#C1> <https://example.com> 1 < 2 > 0 & `x`"
    expected = "**a** &lt;!here> &lt;@U1> &lt;#C1> <https://example.com> 1 < 2 > 0 & `x`"
    assert neutral(text) == expected


@pytest.mark.parametrize("text", ["a <", "<", "a"])
def test_a_sign_that_may_begin_a_call_waits_for_the_next(text: str) -> None:
    assert neutral(settled(text)) == text.rstrip("<")


@pytest.mark.rule("S15")
@pytest.mark.parametrize("sign", ["<", "&", ">", "x", "é", "\U0001f41d"])
def test_the_text_for_notifications_is_short_also_where_signs_become_entities(sign: str) -> None:
    text = fallback(neutral(sign * 10_000))
    assert len(text) <= FALLBACK + 1
    assert text.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "").count("&") == 0


def test_a_short_text_is_told_whole() -> None:
    assert fallback(neutral("<!here> a & b")) == "&lt;!here&gt; a &amp; b"
