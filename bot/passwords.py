"""Secrets that a text names: "my password is …", "PIN: …", "API_KEY=…", in prose and in settings.

Every pattern is bounded: a label is looked at with at most `REACH` characters on either side, so
the time grows with the length of the text and with nothing else.
"""

import re
from collections.abc import Iterator

Span = tuple[int, int, str]
"""Where a secret stands (start, end), and what it is called."""

REACH = 300
PASSWORD, PHRASE, CODE = "password", "passphrase", "code"
KEY, ACCOUNT = "API key", "account number"

_LABELS = {
    PHRASE: r"""pass[ -]?phrase | (?:seed|recovery|mnemonic|secret)[ -]phrase | phrase\ secrète
        | frase\ (?:semilla|segreta|secreta)""",
    KEY: r"""api[ _-]?key | api[ _-]?token | client[ _-]?secret
        | (?:secret|access|auth|bot|private)[ _-]?(?:access[ _-]?)?(?:key|token)
        | (?:bearer|token|secret) | api-?schlüssel | clé\ api
        | (?:clave|chave)\ (?:d[ea]\ )?api | chiave\ api""",
    PASSWORD: r"""pass[ -]?words? | passwd | pass-?code | passwor[dt] | kennwort | wachtwoord
        | mot\ de\ passe | contrase(?:ñ|n\u0303?)a | palavra-passe | parola\ d['’]ordine
        | l[öo]senord | passord | adgangskode | salasana | has[łl]o | heslo | şifre
        | парол[ьяю] | κωδικός | mật\ khẩu | kata\ sandi
        | (?:pwd|mdp|senha|pw(?!\s{1,2}is\s{1,2}[a-z]{1,40}\b))
        | (?:clave|pass)(?=["']?\s?[:=]\s?\S{0,40}\d)""",
    CODE: r"""(?:pin(?:[ -]?(?:code|number))? | cvv2? | cvc2? | otp | geheimzahl
        | пин-?код | code\ (?:pin|secret) | codice\ pin
        | (?:security|verification|access|door|gate|alarm|entry|unlock|one-time)[ -]code
        | c[óo]digo\ (?:pin|de\ segurança|de\ seguridad) | (?:zugangs|sicherheits|tür)code)""",
    ACCOUNT: r"""(?:(?:bank\ |routing\ )?(?:account|acct|routing)\ (?:number|no\.?)
        | kontonummer | num[ée]ro\ de\ (?:compte|cuenta) | número\ da\ conta
        | numero\ di\ conto)""",
}
# They begin where a word does, or end a compound ("WLAN-Netzpasswort", "dbPassword").
_LABEL = re.compile(
    "(?<![^\\W_])(?:"
    + "|".join(f"(?:{words})(?P<of{n}>)" for n, words in enumerate(_LABELS.values()))
    + ")|passwor[dt]|kennwort|wachtwoord|lösenord",
    re.IGNORECASE | re.VERBOSE,
)
_KINDS = tuple(_LABELS)
# Scripts that put no blanks between words: the secret is the next run of ASCII.
_JOINED = re.compile(
    r"""(?:パスワード|暗証番号|密码|密碼|口令
    |비밀번호|암호(?!화)|รหัสผ่าน|كلمة\ المرور|كلمة\ السر|पासवर्ड)
    (?P<is>[^\x00-\x7f\n]{0,8}\s{0,2}[:=]?\s{0,2})(?P<value>[!-~]{3,200})""",
    re.VERBOSE,
)

_NOT_IN_GAP = r"(?!(?:is|was|are|ist|war|est|es|è|é|and|but|or|und|aber|et|mais|y|pero|e|ma|mas)\s)"
_GAP = rf"""(?:\s?\([^)\n]{{1,30}}\)
    |\s{{1,2}}(?:(?:I|we)\s\w{{2,8}}\s)?(?:for|to|of|on|at|für|vom|zum|von|de|del|du|pour|para|per|do
    |da|di|för|voor|til|от|для)(?:\s{{1,2}}{_NOT_IN_GAP}[^\s:=.,;!?\[\]]{{1,24}}){{1,5}}?)?"""
_ASSIGN = r"""["'*_`)]{0,3}\s{0,2}[:=]>?"""
_IS = r"""(?:['’]s|\s{1,2}(?:is|was|will\ be|ist|war|lautet|est|était|es|era|è|é|er|är|on|jest|είναι
    |это|là|adalah))(?:\s{1,2}(?:now|still|just|simply|jetzt|maintenant|ahora|ora|agora))?(?=\s)"""
# Where a mark stands there is white space of a kind (\x1f) that no quoted secret goes across.
_VALUE = r"""[\s*_`]{0,4}(?P<value>(?P<quoted>"[^"\n\x1f]{3,100}"|'[^'\n\x1f]{3,100}'
    |“[^”\n\x1f]{3,100}”|„[^“”\n\x1f]{3,100}[“”]|«[^»\n\x1f]{3,100}»|‘[^’\n\x1f]{3,100}’)|\S{3,200})"""
_NAMED = re.compile(rf"{_GAP}(?:(?P<assign>{_ASSIGN})|{_IS}){_VALUE}", re.IGNORECASE | re.VERBOSE)
_WORDS_ON = re.compile(r"(?:[ ,-][^\W\d_]{2,12}){2,24}")
_NEXT = re.compile(rf"\s{{1,2}}(?:(?:to|auf|à|para)\s{{1,2}})?{_VALUE}", re.I | re.VERBOSE)
_DIGITS = re.compile(
    rf"""(?P<named>{_GAP}(?:{_ASSIGN}|{_IS}))?[\s*_`"'“]{{0,4}}
    (?P<value>[a-z*\#]?\d(?:[ -]?\d){{2,17}}[a-z*\#]?)(?!\w|[.,:/]\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE = re.compile(  # "hunter2 is my password", "hunter2 as the WiFi password"
    r"""(?:^|(?<=\s))(?P<value>\S{4,100})\s{1,2}(?:is|was|as|ist|als|est|comme|es|como|è|come|é)
    \s{1,2}(?:my|our|the|a|mein|das|mon|le|mi|la|la\ mia|a\ minha)
    (?:\s{1,2}\w{1,20}){0,2}\s{1,2}$""",
    re.IGNORECASE | re.VERBOSE,
)

_CLOSING = """.,;:?)]}>"'”“»’*`"""
_HARMLESS = re.compile(  # an address, or what stands for a secret in an example
    r"""[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[a-z]{2,} | \w+://.* | \w+(?:\.\w+)+[(\[].*
    | <.*>? | \$?\{.*\}?
    | %\w | [*•.x]+""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE_ENDS = re.compile(
    r"\s{0,3}(?:$|[.,;!?)\n。、]|(?:and|but|for|on|und|aber|et|mais|y|pero|e|ma|mas)\s|です|だ)"
)
# What people say of a password without telling it.
_SAYS_NOTHING = frozenset(
    """
    a about after again all almost already also always an another any as at bad because been before
    being best better broken by case changed changing compromised correct default different
    difficult down each easy either empty enough entered essential every expired expiring false fine
    for forgotten from gone good great hacked hard here hidden how i important in incorrect insecure
    invalid it its itself known lame leaked like long longer lost mandatory me mine missing my
    needed never new nice no none not nothing now obsolete of ok okay old on one only optional our
    out outdated over private protected public quite random ready really required reset right sacred
    safe same saved secret secure see set shared short simple single so something somewhere sorry
    stale stolen stored strong stupid such sure temporary terrible that the their them there this to
    too true unchanged unique unknown unsafe unset up use useful useless valid very weak what when
    where which who why with working wrong yes you your yours
    abgelaufen alt anders der die das dein ein eine einfach falsch geändert geheim gespeichert
    gestohlen gleich im in kein kurz lang mein nicht neu richtig schlecht schwach sehr sicher
    unsicher vergessen verloren weg wichtig zu
    bon changé court dans expiré facile faible faux fort la le les long mauvais mon oublié pas perdu
    secret sûr très trop un une
    cambiada caducada correcta corta débil difícil el en fácil incorrecta la larga mi mala muy
    nueva olvidada perdida robada secreta segura tan una
    breve cambiata corretta dimenticata facile forte il la lunga mia molto non nuova persa rubata
    sbagliata scaduta sicura troppo
    a alterada certa curta errada esquecida expirada fraca longa minha muito não nova o roubada
    um uma
    """.split()  # noqa: SIM905 (a list this long reads better as prose)
)


def named_secrets(text: str) -> Iterator[Span]:
    """The values that `text` itself calls a password, code, key, phrase or account number."""
    for label in _LABEL.finditer(text):
        if text[label.end() : label.end() + 1].isalnum():
            continue  # a part of a longer word
        kind = _KINDS[int(label.lastgroup.removeprefix("of"))] if label.lastgroup else PASSWORD
        find = _digits if kind in (CODE, ACCOUNT) else _value
        if found := find(text, label, kind):
            yield *found, kind
    for label in _JOINED.finditer(text):
        start, end = label.start("value"), label.end("value")
        end -= len(label["value"]) - len(label["value"].rstrip(_CLOSING))
        told = label["is"].strip() and _CLAUSE_ENDS.match(text, end)
        if end - start >= 3 and (told or not text[start:end].isalpha()):
            yield start, end, PASSWORD


def _value(text: str, label: re.Match[str], kind: str) -> tuple[int, int] | None:
    """Where the secret stands that the label tells of: after it, or before ("… is my password")."""
    is_told = _is_key if kind == KEY else _is_strong
    if named := _NAMED.match(text, label.end(), label.end() + REACH):
        start, value = named.start("value"), named["value"].rstrip(_CLOSING)
        if named["quoted"]:
            start, value = start + 1, named["value"][1:-1]
        elif kind != KEY and value.isalpha() and (end := _phrase(text, named, kind)):
            return start, end
        if is_told(value) or (kind != KEY and _is_word(text, named, value)):
            return start, start + len(value)
    if after := _NEXT.match(text, label.end(), label.end() + REACH):
        value = after["value"].rstrip(_CLOSING)
        if len(value) >= 6 and is_told(value) and any(c.isalpha() for c in value):
            return after.start("value"), after.start("value") + len(value)
    before = _BEFORE.search(text, max(0, label.start() - REACH // 3), label.start())
    if before and is_told(before["value"]):
        return before.span("value")
    return None


def _is_strong(value: str) -> bool:
    """Whether it is no word: with a digit or a sign in it, and no address or placeholder."""
    if len(value) < 4 or _HARMLESS.fullmatch(value):
        return False
    return any(c.isdigit() or c in "!@#$%^&*_+=~|\\<>{}" for c in value)


def _is_key(value: str) -> bool:
    """Whether it is as long and mixed as only keys are ("text-embedding-3-small" is not)."""
    mixed = any(
        len(part) >= 6 and any(c.isdigit() for c in part) and any(c.isalpha() for c in part)
        for part in re.split("[-./:]", value)
    )
    return len(value) >= 12 and value.isascii() and mixed and _is_strong(value)


def _is_word(text: str, named: re.Match[str], value: str) -> bool:
    """Whether a word is told as the password, and nothing is said of it ("… is wrong")."""
    if named["quoted"]:
        return True
    if len(value) < 3 or value.casefold() in _SAYS_NOTHING or _HARMLESS.fullmatch(value):
        return False
    return bool(named["assign"] or _CLAUSE_ENDS.match(text, named.start("value") + len(value)))


def _phrase(text: str, named: re.Match[str], kind: str) -> int | None:
    """Where a passphrase of three or more words ends; None: they make a sentence, or there is none.

    After a password's "is" more than one word is a sentence.
    """
    on = _WORDS_ON.match(text, named.end("value"))
    if on is None or (kind == PASSWORD and not named["assign"]):
        return None
    told = re.split("[ ,-]", (named["value"] + on[0]).casefold())
    silent = sum(word in _SAYS_NOTHING for word in told)
    return on.end() if silent * 4 <= len(told) else None


def _digits(text: str, label: re.Match[str], kind: str) -> tuple[int, int] | None:
    """Where the number stands that the label tells of."""
    found = _DIGITS.match(text, label.end(), label.end() + REACH)
    if found is None:
        return None
    digits = sum(c.isdigit() for c in found["value"])
    if label[0] == "pin" and not found["named"] and digits not in (4, 6):
        return None  # "pin 100 photos"
    least, most = (6, 18) if kind == ACCOUNT else (3, 8)
    return found.span("value") if least <= digits <= most else None
