"""What is taken for a secret and what is not, on chat text; in linear time."""

import json
import string
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.redaction import Redacted, redact
from bot.secret_marks import redacted_kinds, tell

KEYS = [  # made up, in the forms that the providers document
    "sk-proj-a1B2_c3D4-" + "e5F6g7H8" * 5 + "T3BlbkFJ" + "i9J0k1L2" * 5,
    "sk-ant-api03-" + "aB3dE5fG7h" * 9,
    "sk_live_" + "a1B2c3D4" * 3,
    "AKIAIOSFODNN7EXAMPLE",
    "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "SG." + "a1B2c3D4" * 3 + "." + "e5F6g7H8" * 5,
    "hf_" + "a1B2c3D4e5" * 4,
]
TOKENS = [
    "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "github_pat_11ABCDEFG0" + "a1b2c3d4e5" * 6,
    "glpat-a1B2c3D4e5F6g7H8i9J0",
    "xoxb-123456789012-123456789012-a1B2c3D4e5F6g7H8i9J0k1L2",
    "xapp-1-A0123456789-1234567890123-" + "a1b2c3d4" * 8,
    "M" + "a1B2c3D4" * 3 + ".GabcdE." + "e5F6g7H8" * 4,
    "123456789:" + "a1B2c3D4e5" * 3 + "f6G7h",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "https://hooks.slack.com/services/T00000000/B00000000/a1B2c3D4e5F6g7H8i9J0k1L2",
]
CARDS = [  # the networks' own test numbers
    "4111 1111 1111 1111", "4111-1111-1111-1111", "5500000000000004", "3782 822463 10005",
    "378282246310005", "6011111111111117", "3530 1113 3330 0000", "3056 930902 5904",
    "４１１１１１１１１１１１１１１１",
]  # fmt: skip
IBANS = [
    "DE89 3704 0044 0532 0130 00",
    "GB82WEST12345698765432",
    "fr14 2004 1010 0505 0001 3m02 606",
]
PASSWORDS = [  # (text, what must be gone)
    ("my password is hunter2, don't tell", "hunter2"),
    ("My password is swordfish.", "swordfish"),
    ("password: sunflower", "sunflower"),
    ("Password:\nhunter2", "hunter2"),
    ("**Password:** hunter2", "hunter2"),
    ('{"user": "bob", "password": "hunter two"}', "hunter two"),
    ("password: correct horse battery staple", "horse"),
    ("the password is “blue whale”, ok?", "blue whale"),
    ("the wifi password is now sunflower99", "sunflower99"),
    ("my Netflix password's hunter2!", "hunter2"),
    ("the password for the router in the hall is hunter2", "hunter2"),
    ("I changed my password to hunter2 yesterday", "hunter2"),
    ("hunter2 is my password", "hunter2"),
    ("I use Tr0ub4dor as the WiFi password", "Tr0ub4dor"),
    ("DB_PASSWORD=hunter2", "hunter2"),
    ("dbPassword=hunter2", "hunter2"),
    ("das Netzpasswort ist hunter2", "hunter2"),
    ("pw hunter2x", "hunter2x"),
    ("psql postgres://bob:hunter2@db.example.org/x", "hunter2"),
    ("my recovery phrase is legal winner thank year wave sausage worth useful legal", "sausage"),
    ("Mein WLAN-Passwort lautet Sonnenblume", "Sonnenblume"),
    ("mein Kennwort ist geheim123", "geheim123"),
    ("mon mot de passe est soleil99", "soleil99"),
    ("mi contraseña es girasol7", "girasol7"),
    ("la mia password è girasole", "girasole"),
    ("minha senha é girassol8", "girassol8"),
    ("mijn wachtwoord is zonnebloem9", "zonnebloem9"),
    ("мой пароль: подсолнух", "подсолнух"),
    ("パスワードはhunter2です", "hunter2"),
    ("パスワード：ｈｕｎｔｅｒ２", "ｈｕｎｔｅｒ２"),
    ("我的密码是hunter2", "hunter2"),
    ("비밀번호는 hunter2 입니다", "hunter2"),
    ("The PIN is 1234", "1234"),
    ("my pin 4821", "4821"),
    ("cvv: 123", "123"),
    ("the alarm code at home is 4821", "4821"),
    ("API key: abcdef0123456789abcdef", "abcdef0123456789abcdef"),
    ("Authorization: Bearer abcdef0123456789abcdef", "abcdef0123456789abcdef"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"),
    ("my account number is 12345678", "12345678"),
]
HARMLESS = [
    "my password is really long",
    "my password is wrong.",
    "I forgot my password when I was sixteen.",
    "my password manager is Bitwarden.",
    "the password was stolen in 2019",
    "The password must be at least 12 characters",
    "Password reset email went to bob99@example.com",
    "the password is at https://example.org/a1b2",
    "password: <your-password>",
    "mein Passwort ist falsch",
    "la clave es la paciencia",
    "the secret is patience and hard work",
    "he gave me a token of appreciation",
    "API key: text-embedding-3-small",
    "I pinned 1234 messages, and pin 100 photos",
    "my PIN is on the card",
    "call me at +49 151 23456789, 0151 2345 6789 or (555) 123-4567",
    "order number 4111111111111112",
    "from 1990-05-17 to 2026-11-25 16:07",
    "commit f38f04f9c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6, and /forget m42 m43",
    "bob@example.com, http://localhost:8080/a@b",
    "boarding pass: window seat, ski pass: bought",
    "client = Client(api_key=os.environ.get(MY_KEY_2), password=os.environ[NAME])",
    "the rent of 200 pw is cheap.",
    "암호화폐 BTC2024",
    "パスワードはWindowsのやつ",
    "glass-bottle-number-12-on-the-wall",
    "sk-learn-something-2-very-long-words-here and key-value stores",
    "DE89 3704 0044 0532 0130 01 is no account",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_providers_key_is_replaced_whole(key: str) -> None:
    assert redact(f"it is {key}, ok?").text == "it is [redacted: API key], ok?"


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_is_replaced_whole(token: str) -> None:
    redacted = redact(f"it is {token} ok?")
    assert redacted.kinds == ("token",)
    assert redacted.text.removeprefix("it is https://") in {
        "it is [redacted: token] ok?", "[redacted: token] ok?",
    }  # fmt: skip


@pytest.mark.parametrize("head", ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY"])
@pytest.mark.parametrize("end", ["\n-----END {}-----\nbye", ""])
def test_a_private_key_goes_with_its_lines_also_when_it_is_cut_off(head: str, end: str) -> None:
    block = f"-----BEGIN {head}-----\nMIIEpAIBAAKCAQEA\nb3BlbnNzaC1rZXk={end.format(head)}"
    assert redact(f"here: {block}").text.replace("\nbye", "") == "here: [redacted: private key]"


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_replaced(card: str) -> None:
    redacted = redact(f"1234 my card {card} exp 12/28")
    assert redacted.text == "1234 my card [redacted: card number] exp 12/28"


@pytest.mark.parametrize("iban", IBANS)
def test_an_iban_is_replaced(iban: str) -> None:
    assert redact(f"send it to {iban} please").text == "send it to [redacted: IBAN] please"


@pytest.mark.parametrize(("text", "gone"), PASSWORDS)
def test_what_is_called_a_password_or_a_code_is_replaced(text: str, gone: str) -> None:
    redacted = redact(text)
    assert gone not in redacted.text
    assert redacted.kinds


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays_as_it_was_said(text: str) -> None:
    assert redact(text) == Redacted(text, ())


@pytest.mark.parametrize("digits", [17, 18, 19, 20])
def test_an_id_of_discord_is_no_card_number(digits: int) -> None:
    for last in range(100):
        identity = "12345678901234567890"[: digits - 2] + f"{last:02}"
        assert redact(f"<@{identity}> wrote {identity}").kinds == ()


def test_what_was_taken_out_can_be_read_from_the_text_and_is_told_in_one_line() -> None:
    redacted = redact(f"my password is hunter2 and my password is hunter3, card {CARDS[0]}")
    assert redacted.kinds == redacted_kinds(redacted.text) == ("password", "card number")
    line = tell(redacted.kinds)
    assert "your password and your card number" in line
    assert "\n" not in line
    assert redacted_kinds("nothing here") == ()


def test_a_secret_that_another_stands_before_is_found_as_well() -> None:
    text = redact("hunter2 is my password: swordfish").text
    assert text == "[redacted: password] is my password: [redacted: password]"


# --- on a lot of text ----------------------------------------------------------------------------

DATA = Path(__file__).parents[3] / "shared/data/locomo-dev.json"
PIECES = [
    "password ", "password: ", "password for a a a a ", 'password is "', "is my password ",
    "pin 1 ",
    "my passphrase is aa aa aa aa ", "token aaaaaaa1aaaa ", "パスワード", "DE89 ",
    "de89de89 ", "4111 ", "4", "1-", "1.1", "eyJ-", "eyJaaaaaaaa.", "sk-", "ghp_", "SG.",
    "AKIA1234567890123456",
    "-----BEGIN PRIVATE KEY-----", "-----", "://a:b", "://a:b@c", "[redacted: code]", "a", '"',
    "é",
]  # fmt: skip


def strings(value: object) -> Iterator[str]:
    """Every string inside a JSON value."""
    match value:
        case str():
            yield value
        case dict():
            yield from chain.from_iterable(map(strings, value.values()))
        case list():
            yield from chain.from_iterable(map(strings, value))


@pytest.mark.skipif(not DATA.exists(), reason="the development data lies beside the project")
def test_three_long_conversations_hold_no_secret() -> None:
    said = list(strings(json.loads(DATA.read_text("utf-8"))))
    assert len(said) > 2000
    assert [text for text in said if redact(text).kinds] == []


@pytest.mark.parametrize("piece", PIECES)
def test_the_time_grows_with_the_length_and_not_with_its_square(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        taken = []
        for _ in range(3):
            began = process_time()
            redact(text)
            taken.append(process_time() - began)
        return min(taken)

    seconds(100)  # what is made at the first use
    assert seconds(40_000) < 16 * seconds(5_000) + 0.01  # 8 times if linear, 64 if quadratic


PROSE = st.text(string.ascii_letters + string.digits + " .,:;!?'\"-=@/[]\nßñパ密", max_size=60)
WORDY = st.lists(
    st.sampled_from([*PIECES, *CARDS, *IBANS, *KEYS, *TOKENS, " is ", " ", ": ", "hunter2", "\n"])
).map("".join)


@given(st.one_of(st.text(), PROSE, WORDY))
def test_redacting_never_fails_and_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once.text).text == once.text
    assert redact(once.text).kinds == ()
    if not once.kinds:
        assert once.text == text


@given(PROSE, st.sampled_from([*KEYS, *TOKENS, *CARDS, *IBANS]), PROSE)
def test_no_secret_survives_in_any_prose(before: str, secret: str, after: str) -> None:
    assert secret not in redact(f"{before} {secret} {after}").text


@given(
    PROSE,
    st.text(string.ascii_letters, min_size=4, max_size=20),
    st.integers(0, 9),
    st.sampled_from(["my password is {}", "Passwort: {}", "パスワードは{}", "{} is my password"]),
)
def test_no_password_that_is_told_survives(before: str, word: str, digit: int, told: str) -> None:
    secret = f"{word}{digit}{word}"
    assert secret not in redact(f"{before}\n{told.format(secret)} and so on").text
