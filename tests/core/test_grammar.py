"""The grammar of the person's commands."""

import pytest

from bot.errors import CommandError
from bot.grammar import parse
from bot.typed import (
    Command,
    EditMemory,
    ExplainReply,
    ForgetAbout,
    ForgetEverything,
    ForgetIds,
    ForgetLast,
    ForgetPeriod,
    ForgetQuery,
    ListMemories,
    RecallAbout,
    Remember,
    ShowEntity,
    ShowHelp,
    ShowMemory,
    Side,
    StartFresh,
    UndoChange,
)
from bot.types import MemoryNumber


def ids(*numbers: int) -> ForgetIds:
    return ForgetIds(tuple(MemoryNumber(number) for number in numbers))


def since(*dates: str, confirmed: bool = False) -> ForgetPeriod:
    return ForgetPeriod(Side.SINCE, dates, confirmed)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/remember I like tea", Remember("I like tea", private=False)),
        ("/remember  I  like\ttea ", Remember("I like tea", private=False)),
        ("/remember\nI like tea", Remember("I like tea", private=False)),
        ("/REMEMBER tea", Remember("tea", private=False)),
        ("/remember --private my PIN", Remember("my PIN", private=True)),
        ("/remember --private\tmy PIN", Remember("my PIN", private=True)),
        ("/remember --Private my PIN", Remember("my PIN", private=True)),
        ("/remember —private my PIN", Remember("my PIN", private=True)),
        ("/remember ships --private", Remember("ships --private", private=False)),
        ("/recall", RecallAbout(None)),
        ("/recall tea and cake", RecallAbout("tea and cake")),
        ("/recall m3", RecallAbout("m3")),
        ("/forget m3", ids(3)),
        ("/forget M3 m5", ids(3, 5)),
        ("/forget m3, m5,m7", ids(3, 5, 7)),
        ("/forget m3 and tea", ForgetQuery("m3 and tea")),
        ("/forget the m3 motorway", ForgetQuery("the m3 motorway")),
        ("/forget 3", ForgetQuery("3")),
        ("/forget m0", ForgetQuery("m0")),
        ("/forget m3x", ForgetQuery("m3x")),
        ("/forget all", ForgetQuery("all")),
        ("/forget ,", ForgetQuery(",")),
        ("/forget last", ForgetLast()),
        ("/forget LAST ", ForgetLast()),
        ("/forget last summer", ForgetQuery("last summer")),
        ("/forget since", ForgetQuery("since")),
        ("/forget since last Monday", since("last Monday")),
        ("/forget Since 14:30  yes", since("14:30", confirmed=True)),
        ("/forget before 1. März yes", ForgetPeriod(Side.BEFORE, ("1. März",), confirmed=True)),
        (
            "/forget between March  and 2026-05-02 YES",
            ForgetPeriod(Side.BETWEEN, ("March", "2026-05-02"), confirmed=True),
        ),
        ("/forget about  Sarah Li", ForgetAbout("Sarah Li", confirmed=False)),
        ("/forget about Sarah yes", ForgetAbout("Sarah", confirmed=True)),
        ("/forget about yes", ForgetAbout("yes", confirmed=False)),
        ("/forget about", ForgetQuery("about")),
        ("/forget everything", ForgetEverything(everywhere=False, confirmed=False)),
        ("/forget Everything YES", ForgetEverything(everywhere=False, confirmed=True)),
        ("/forget everything everywhere", ForgetEverything(everywhere=True, confirmed=False)),
        ("/forget everything everywhere yes", ForgetEverything(everywhere=True, confirmed=True)),
        ("/forget everything yes everywhere", ForgetQuery("everything yes everywhere")),
        ("/forget everything about Sarah", ForgetQuery("everything about Sarah")),
        ("/recall everywhere", RecallAbout(None, everywhere=True)),
        ("/recall Everywhere tea", RecallAbout("tea", everywhere=True)),
        ("/memories everywhere", ListMemories(1, everywhere=True)),
        ("/memories everywhere 2", ListMemories(2, everywhere=True)),
        ("/memories", ListMemories(1)),
        ("/memories 12", ListMemories(12)),
        ("/memories m3", ShowMemory(MemoryNumber(3))),
        ("/memories M3", ShowMemory(MemoryNumber(3))),
        ("/memories about Sarah", ShowEntity("Sarah")),
        ("/memories about me", ListMemories(1)),
        ("/memories ABOUT  my  sister 2", ShowEntity("my sister 2")),
        ("/memories edit m3 I like  tea", EditMemory(MemoryNumber(3), "I like tea")),
        ("/memories Edit M3 undo", EditMemory(MemoryNumber(3), "undo")),
        ("/memories undo", UndoChange()),
        ("/memories UNDO ", UndoChange()),
        ("/why", ExplainReply()),
        ("/new ", StartFresh()),
        ("/help", ShowHelp()),
    ],
)
def test_a_keyword_form_counts_only_where_the_whole_argument_has_it(
    line: str, command: Command
) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/", "/help"),
        ("/frobnicate", "/help"),
        ("/remembering", "/help"),
        ("/remember", "/remember I am"),
        ("/remember --private", "/remember I am"),
        ("/remember --private  ", "/remember I am"),
        ("/remember --privat my PIN", "--private"),
        ("/forget", "/forget m3 m5"),
        ("/forget between March", "Between which days"),
        ("/memories everywhere two", "/memories 2"),
        ("/memories 0", "/memories 2"),
        ("/memories two", "/memories 2"),
        ("/memories 2 3", "/memories 2"),
        ("/memories m3 m4", "/memories m3"),
        ("/memories Sarah", "about NAME"),
        ("/memories about", "/memories about Sarah"),
        ("/memories edit", "/memories edit m3 I live"),
        ("/memories edit m3", "/memories edit m3 I live"),
        ("/memories edit 3 tea", "/memories edit m3 I live"),
        ("/memories edit tea", "/memories edit m3 I live"),
        ("/memories undo m3", "takes nothing after it"),
        ("/why not", "takes nothing after it"),
        ("/new york", "takes nothing after it"),
        ("/help me", "takes nothing after it"),
    ],
)
def test_a_wrong_command_is_one_line_that_says_what_works(line: str, says: str) -> None:
    with pytest.raises(CommandError, match=says) as caught:
        parse(line)
    assert "\n" not in str(caught.value)
