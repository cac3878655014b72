"""Takes secrets out of a text before it is written down: a mark names what stood there."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from stdnum import luhn

from bot.passwords import Span, named_secrets
from bot.secret_marks import MARK


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets. `kinds`: what was taken out, each once, in order; () is none."""

    text: str
    kinds: tuple[str, ...]


def redact(text: str) -> Redacted:
    """`text` with a mark such as "[redacted: password]" in place of each secret.

    Found are keys and tokens by their form, private keys, JSON web tokens, card numbers, IBANs,
    passwords in addresses, and what the text itself calls a password, PIN, key or account number.
    Doing it twice changes nothing more; the time is linear in the length of `text`.
    """
    kinds: list[str] = []
    while spans := _merged(text):
        kinds += [kind for _, _, kind in spans]
        parts, end = [], 0
        for start, stop, kind in spans:
            parts += [text[end:start], f"[redacted: {kind}]"]
            end = stop
        text = "".join([*parts, text[end:]])
    return Redacted(text, tuple(dict.fromkeys(kinds)))


def _merged(text: str) -> list[Span]:
    """Where secrets stand, in order, joined where they overlap. A mark is read as white space."""
    text = MARK.sub(lambda mark: "\x1f" * len(mark[0]), text)
    if not text.isascii():
        text = "".join(map(_fold, text))
    found = [*_tokens(text), *_cards(text), *_ibans(text), *named_secrets(text)]
    spans: list[Span] = []
    for start, end, kind in sorted(found, key=lambda span: (span[0], -span[1])):
        if spans and start < spans[-1][1]:
            first, stop, known = spans[-1]
            spans[-1] = (first, max(stop, end), known)
        else:
            spans.append((start, end, kind))
    return spans


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    """One character as it is compared: full-width digits and letters as plain ones."""
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


# --- by form -----------------------------------------------------------------------------------

# Prefixes as the providers document them. Each alternative begins where no word goes on and ends
# with all that could belong to it, so that nothing of a key is left over and none is read twice.
_FORMS = {
    "private key": r"""-----BEGIN[A-Z0-9 ]{0,30}\ PRIVATE\ KEY(?:\ BLOCK)?-----
        (?:[^-]|-(?!----END)){0,20000}(?:-----END[A-Z0-9 ]{0,40}-----)?
        | AGE-SECRET-KEY-1[A-Z0-9]{20,}""",
    "API key": r"""(?<![A-Za-z0-9])(?:
        sk-[\w-]{20,} | (?:sk|rk|pk)_(?:live|test)_\w{10,} | whsec_[\w+/=]{20,}
        | (?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16} | AIza[\w-]{30,} | GOCSPX-[\w-]{20,}
        | SG\.[\w-]{16,}\.[\w-]{16,} | (?:gsk|r8|ntn|hf)_[A-Za-z0-9]{30,} | (?:xai|pplx)-\w{30,}
        | SK[0-9a-f]{32} | key-[0-9a-f]{32} | [0-9a-f]{32}-us\d{1,2} | lin_api_\w{30,}
        | PMAK-[\w-]{30,} | sq0[a-z]{3}-[\w-]{22,} | AccountKey=[\w+/=]{40,})[\w-]*""",
    "token": r"""(?<![A-Za-z0-9])(?:
        gh[pousr]_\w{30,} | github_pat_\w{30,}
        | gl(?:pat|ptt|dt|rtr?|cbt|imt|soat|oas|ff?c?t|agent)-[\w-]{20,}
        | xox[a-z](?:\.xox[a-z])?-[\w-]{10,} | xapp-\d-[\w-]{10,}
        | (?:npm_|pypi-|dckr_pat_|dapi|shp[a-z]{2}_|do[opr]_v1_|sbp_)[\w-]{30,}
        | ya29\.[\w-]{20,} | hvs\.[\w-]{24,} | ATATT3[\w=-]{40,} | \d{8,10}:[\w-]{35}
        | [MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}
        | (?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]*){0,3}
        | hooks\.slack\.com/services/T\w+/B\w+/\w+
        | discord(?:app)?\.com/api/webhooks/\d{1,25}/[\w-]{40,})[\w-]*""",
}
_FORM = re.compile(
    "|".join(f"(?:{form})(?P<of{n}>)" for n, form in enumerate(_FORMS.values())),
    re.VERBOSE | re.ASCII,
)
_KINDS = tuple(_FORMS)
_IN_ADDRESS = re.compile(r"://[^\s/?#:@]{0,200}:(?P<value>[^\s/]{1,200})@(?=\w)")


def _tokens(text: str) -> Iterator[Span]:
    for found in _FORM.finditer(text):
        kind = _KINDS[int(str(found.lastgroup).removeprefix("of"))]
        # Words joined by hyphens ("sk-learn-…") have the form of a key and are none.
        if any(len(part) >= 12 and not part.isalpha() for part in found[0].split("-")):
            yield found.start(), found.end(), kind
    for found in _IN_ADDRESS.finditer(text):
        yield *found.span("value"), "password"


# --- by their check digits ---------------------------------------------------------------------

_GROUPS = re.compile(r"(?<![\w+])(?<!\d[.,])\d{1,19}(?:[ -]\d{1,19})*(?!\w|[.,]\d)")
_GROUP = re.compile(r"\d+")
# The networks' prefixes, by how many digits their cards have. Ids of Discord have 17 to 19 digits
# and pass the check digit one time in ten: no network issues 17 or 18.
_NETWORKS = {
    14: re.compile(r"30[0-5]|3[689]"),  # Diners Club
    15: re.compile(r"3[47]"),  # American Express
    16: re.compile(r"4|5[0-8]|2[2-7]|3[05689]|6|8[12]|9792"),  # and Mastercard, JCB, Discover …
    19: re.compile(r"4|5[0-8]|6[2-9]"),  # Visa, Maestro, UnionPay
}


def _cards(text: str) -> Iterator[Span]:
    """Payment cards, written in one piece or in groups."""
    for run in _GROUPS.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
        first = 0
        while first < len(groups):
            last = _card_from(text, groups, first)
            if last is not None:
                yield groups[first][0], groups[last][1], "card number"
            first = first + 1 if last is None else last + 1


def _card_from(text: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """The last of the groups that make up a card number with the first; None: there is none."""
    digits = ""
    for last in range(first, min(first + 5, len(groups))):
        group = text[slice(*groups[last])]
        digits += group
        if len(group) < 3 or len(digits) > 19:
            break
        network = _NETWORKS.get(len(digits))
        if network and network.match(digits) and luhn.is_valid(digits):
            return last
    return None


_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})\d{2}(?=[ -]?[A-Za-z0-9]{2})")


def _ibans(text: str) -> Iterator[Span]:
    for begun in _IBAN.finditer(text):
        form = _iban_form(begun[1].upper())
        written = form and form.match(text, begun.start())
        if written and _is_iban(written[0]):
            yield *written.span(), "IBAN"


@lru_cache(maxsize=700)
def _iban_form(country: str) -> re.Pattern[str] | None:
    """As many characters as the IBANs of a country have, in groups or not; None: it has none."""
    from stdnum import numdb  # with its database it takes 30 ms, and few texts need it

    known = numdb.get("iban").info(f"{country}00")[0][1].get("bban")
    if known is None:
        return None
    length = 4 + sum(map(int, re.findall(r"\d+", known)))
    return re.compile(rf"[A-Za-z0-9](?:[ -]?[A-Za-z0-9]){{{length - 1}}}(?![A-Za-z0-9])")


def _is_iban(written: str) -> bool:
    from stdnum import iban
    from stdnum.iso7064 import mod_97_10

    compact = written.replace(" ", "").replace("-", "").upper()
    if not mod_97_10.is_valid(compact[4:] + compact[:4]):
        return False  # this alone is quicker than to ask for the country's rules as well
    return iban.is_valid(compact, check_country=False)
