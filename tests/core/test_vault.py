"""Tokens of platforms are kept sealed, with a key of the settings."""

import subprocess
import sys

import pytest

from bot.errors import ConfigError
from bot.store.sqlite.erasure import SqliteStore
from bot.vault import Vault
from tests.store.world import bytes_on_disk

TOKEN = "xoxb-2834-quinces-and-medlars"
SECRET = "a long random text"


async def test_a_token_is_kept_sealed_and_opened_again(store: SqliteStore) -> None:
    await store.keep_token("slack", "T1", Vault(SECRET).seal(TOKEN))
    sealed = await store.token("slack", "T1")
    assert sealed is not None
    assert Vault(SECRET).open(sealed) == TOKEN
    for text in (TOKEN, SECRET, "quinces"):
        assert text.encode() not in bytes_on_disk(store.path)
    assert await store.token("slack", "T2") is None


async def test_a_newer_token_takes_the_place_of_the_older_whose_bytes_go(
    store: SqliteStore,
) -> None:
    older, newer = Vault(SECRET).seal(TOKEN), Vault(SECRET).seal(TOKEN)
    assert older != newer
    await store.keep_token("slack", "T1", older)
    await store.keep_token("slack", "T1", newer)
    assert await store.token("slack", "T1") == newer
    assert older[:16] not in bytes_on_disk(store.path)
    await store.drop_token("slack", "T1")
    await store.drop_token("slack", "T1")
    assert await store.token("slack", "T1") is None
    assert newer[:16] not in bytes_on_disk(store.path)


def test_without_a_key_no_token_is_kept() -> None:
    with pytest.raises(ConfigError, match=r"^To keep .* ELLIE_SECRET_KEY set\.$"):
        Vault(None).seal(TOKEN)


@pytest.mark.parametrize("sealed", [Vault(SECRET).seal(TOKEN), b"", b"x" * 200])
def test_what_another_key_sealed_cannot_be_opened_and_one_line_says_so(sealed: bytes) -> None:
    with pytest.raises(ConfigError, match=r"^A token .* another ELLIE_SECRET_KEY ") as caught:
        Vault("another").open(sealed)
    assert "\n" not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_machine_without_the_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cryptography", "cryptography.fernet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match="needs the package cryptography"):
        Vault(SECRET).seal(TOKEN)


def test_the_package_is_not_imported_at_start() -> None:
    code = "import sys; import bot.cli.wiring, bot.vault; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
