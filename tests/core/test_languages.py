"""What is said in one language is found by a question in the same one."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.llm.wordllama_embedder import WordLlamaEmbedder, wordllama_available
from bot.ports import Embedder
from bot.recall import Recall
from bot.store.sqlite.erasure import SqliteStore
from bot.text import fold_name, forms, is_question, names_in
from bot.types import Private
from tests.core.sayings import CHATTER, SAYINGS
from tests.store.world import ALICE, START, note, opened, say

FLOOR = {  # of twelve; what is measured is given in docs/benchmarks.md
    "german": 8, "french": 8, "spanish": 8, "russian": 10, "chinese": 10, "japanese": 10,
    "thai": 10,
}  # fmt: skip


@pytest.fixture
async def spoken(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """A person who says everything of `SAYINGS` and `CHATTER`, in all languages."""
    async with opened(tmp_path / "spoken.db") as store:
        for language, pairs in SAYINGS.items():
            for text in [*(said for said, _ in pairs), *CHATTER[language]]:
                await say(store, text)
        yield store


async def index(store: SqliteStore, embedder: Embedder) -> None:
    await store.use_vectors_of(embedder.name, embedder.dimension)
    waiting = await store.unindexed(1000)
    vectors = await embedder.embed([item.text for item in waiting])
    await store.add_vectors(
        [(item.id, vector) for item, vector in zip(waiting, vectors, strict=True)]
    )


async def first(
    store: SqliteStore, question: str, limit: int = 3, embedder: Embedder | None = None
) -> list[str]:
    recall = Recall(store, embedder, lambda: START)
    found = await recall.find(ALICE, Private(), question, limit=limit, alone=True)
    return [item.item.text for item in found]


async def answered(store: SqliteStore, embedder: Embedder | None = None) -> dict[str, int]:
    """language → how many questions have what was said among their first three."""
    return {
        language: sum(
            [said in await first(store, question, embedder=embedder) for said, question in pairs]
        )
        for language, pairs in SAYINGS.items()
    }


async def finds(store: SqliteStore, said: str, questions: Sequence[str]) -> list[str]:
    """The questions that do not find what was said."""
    await note(store, said)
    return [question for question in questions if said not in await first(store, question)]


async def test_most_of_what_is_said_is_found_in_its_language_by_words_alone(
    spoken: SqliteStore,
) -> None:
    found = await answered(spoken)
    assert {language: n for language, n in found.items() if n < FLOOR[language]} == {}


@pytest.mark.skipif(not wordllama_available(), reason="wordllama has no wheel here")
async def test_the_built_in_vectors_take_nothing_away_in_any_language(spoken: SqliteStore) -> None:
    embedder = WordLlamaEmbedder()
    await index(spoken, embedder)
    found = await answered(spoken, embedder)
    assert {language: n for language, n in found.items() if n < FLOOR[language]} == {}


@pytest.mark.skipif(not wordllama_available(), reason="wordllama has no wheel here")
async def test_what_was_never_said_is_not_found_in_a_script_that_the_vectors_do_not_know(
    spoken: SqliteStore,
) -> None:
    embedder = WordLlamaEmbedder()
    await index(spoken, embedder)
    for question in ("Где мои ключи?", "我的钥匙在哪里?", "鍵はどこですか?", "กุญแจอยู่ที่ไหน"):
        assert await first(spoken, question, embedder=embedder) == [], question


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("Ich habe zwei Häuser in Bonn gekauft.", "Wo ist mein Haus?"),
        ("Nous avons deux chevaux blancs.", "De quelle race est mon cheval ?"),
        ("Tenemos dos gatos negros.", "¿De qué color es la gata negra?"),
        ("Abbiamo comprato due biciclette rosse.", "Di che colore è la mia bicicletta?"),
        ("Nós trabalhávamos no porto.", "Onde é que eu trabalho?"),
        ("Wij hebben twee katten in huis.", "Wat weet je van mijn kat?"),
        ("Jag har två hundar och en katt.", "Vad heter mina hundarna?"),
        ("Jeg har købt to cykler i dag.", "Hvad ved du om min cyklerne?"),
        ("Jeg har kjøpt to sykler i dag.", "Hva vet du om syklene mine?"),
        ("Kupiłam książki dla mojej mamy.", "Gdzie jest moja książka?"),
        ("Benim iki köpeğim ve bir kedim var.", "Benim köpeğimin adı ne?"),
        ("Minulla on kaksi koiraa ja kissa.", "Mikä on minun koirani nimi?"),
        ("Мои братья живут в Москве.", "Кто живёт в Москву?"),
        ("Έχουμε δύο μαύρες γάτες.", "Πού είναι η γάτα;"),
        ("اشتريت الكتب من السوق", "أين كتب"),
        ("저는 서울에서 일해요", "서울은 어때?"),
        ("मेरे लड़के दिल्ली में हैं", "लड़का कहाँ है?"),
    ],
)
async def test_other_forms_of_a_word_meet_in_each_language_with_stems(
    store: SqliteStore, said: str, question: str
) -> None:
    assert await finds(store, said, [question]) == []


async def test_what_only_asks_with_function_words_finds_nothing(spoken: SqliteStore) -> None:
    for question in (
        "Was ist das und wo war es?", "Qu'est-ce que c'est ?", "¿Qué es esto y dónde está?",
        "Что это и где он?", "这是什么?", "それは何ですか?", "นี้คืออะไร",
    ):  # fmt: skip
        assert await first(spoken, question) == [], question


async def test_one_word_is_enough_of_a_question_in_any_language(store: SqliteStore) -> None:
    assert await finds(store, "Ich mag die Hunde meiner Tante sehr.", ["Hund", "Hunde?"]) == []
    assert await finds(store, "J'ai mangé des crêpes.", ["crêpe", "Crepes ?"]) == []
    assert await finds(store, "Tengo las llaves de la casa.", ["llave", "Casas"]) == []
    assert await finds(store, "Lieblingsfarben: Blau", ["Was ist meine Lieblingsfarbe?"]) == []


async def test_a_word_is_found_whatever_language_the_question_or_the_text_is_taken_for(
    store: SqliteStore,
) -> None:
    others = ["What did I say about Lisboa?", "Was war mit Lisboa?", "Que sais-tu de Lisboa ?"]
    assert await finds(store, "Me gusta mucho ir a Lisboa con mis amigos.", others) == []
    assert await finds(store, "We saw Lisboa and its harbour.", [*others, "Lisboa"]) == []
    assert await finds(store, "Szeretem a budapesti fürdőket", ["fürdőket?"]) == []  # no stems
    assert await finds(store, "אני גר בחיפה", ["מי גר בחיפה?"]) == []


async def test_a_name_that_is_a_function_word_elsewhere_is_kept(store: SqliteStore) -> None:
    said = "Mia painted the fence."  # Italian for "my"
    assert await finds(store, said, ["Mia", "Mia?", "Who is Mia?", "Where's Mia?"]) == []


async def test_accents_may_be_left_out(store: SqliteStore) -> None:
    assert await finds(store, "We met at the Café Zoë.", ["cafe", "Where is Zoe?"]) == []
    assert await finds(store, "Herr Müller wohnt über uns.", ["Wo wohnt Herr Muller?"]) == []
    assert await finds(store, "Ich war mit Frau Köhler beim Arzt.", ["Was war mit Koehler?"]) == []
    assert await finds(store, "Die Straße ist gesperrt.", ["Was ist mit der Strasse?"]) == []
    assert await finds(store, "У меня ёлка.", ["Где моя елка?"]) == []
    assert await finds(store, "We flew to Łódź and Køge.", ["Lodz", "Where is Koge?"]) == []
    assert await finds(store, "İstanbul çok güzel", ["istanbul", "ISTANBUL guzel"]) == []


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("来年東京へ行きます", "東京"),
        ("我养了一只猫", "猫"),
        ("昨日ラーメンを食べた", "ラーメン"),
        ("ｶﾒﾗを買った", "カメラ"),
        ("iPhoneを買いました", "iphone"),
        ("我喜欢𠮷野家", "𠮷野家"),
        ("ฉันชอบดื่มชา", "ชา"),
        ("ខ្ញុំចូលចិត្តកាហ្វេ", "កាហ្វេ"),
    ],
)
async def test_a_word_in_a_text_without_blanks_is_found(
    store: SqliteStore, said: str, question: str
) -> None:
    assert await finds(store, said, [question]) == []


def test_texts_without_blanks_are_indexed_by_trigrams_and_shorter() -> None:
    assert forms("狗叫豆") == ["狗叫豆", "狗叫", "叫豆", "狗", "叫", "豆"]
    assert forms("ラーメン") == ["ラーメ", "ーメン", "ラー", "ーメ", "メン"]
    assert forms("ชอบ") == ["ชอบ", "ชอ", "อบ"]


async def test_vowels_that_are_marks_tell_words_apart(store: SqliteStore) -> None:
    assert await finds(store, "ดื่ม", ["ดื่ม"]) == []  # drink
    assert await first(store, "ดูม") == []
    assert await finds(store, "हिन्दी", ["हिन्दी"]) == []
    assert await first(store, "हन्द") == []


def test_what_is_elided_before_a_word_is_a_function_word() -> None:
    assert forms("Qu'est-ce que c'est ? J'ai dell'acqua ?") == forms("acqua est-ce que c'est ?")
    assert forms("Qu'est-ce que c'est ?") == []


def test_english_has_its_porter_stems_and_irregular_forms_and_nothing_else() -> None:
    said = "[2 May 2026] Alice: I've been running with my dogs, and the ponies came to Lisbon!"
    assert forms(said) == [
        "2", "mai", "2026", "alic", "run", "dog", "poni", "come", "lisbon",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Where do I live?", "¿Dónde vivo?", "我住在哪里？", "我住在上海吗", "どこ？",
        "どこに住んでいますか。", "Πού μένω;", "Πού μένω\u037e", "أين أسكن؟", "ฉันชอบชาไหม",
        "저는 어디에 사나요",
    ],
)  # fmt: skip
def test_a_question_is_told_in_any_script(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "I live in Lyon. Where do you live?", "我住在上海。你呢？", "京都です。どこですか？",
        "x = 1;", "我住在上海。", "住んでいます。",
    ],
)  # fmt: skip
def test_what_also_states_something_is_no_mere_question(text: str) -> None:
    assert not is_question(text)


def test_names_are_compared_without_accents() -> None:
    assert fold_name("José  GARCÍA") == fold_name("jose garcia") == "jose garcia"
    assert "jose" in names_in("Where does José work?")
    assert "alice" in names_in("Où est la sœur d'Alice ?")


def test_a_name_in_a_text_without_blanks_is_looked_up() -> None:
    assert {"豆豆", "王小明"} <= set(names_in("豆豆和王小明住在哪里?"))
    assert names_in("豆") == ["豆"]
