"""Over random lives what goes is what must, all else stays, and no byte of it is left."""

from pathlib import Path

import pytest

from tests.fuzzing import examples
from tests.store.lives import DIMENSION, Life
from tests.store.test_driver import PLAIN
from tests.store.world import opened


@pytest.mark.parametrize("seed", range(examples(1)))
async def test_what_goes_is_what_must_and_no_byte_of_it_is_left(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "ellie.db"
    old = PLAIN if seed % 2 else None
    async with opened(path, old) as store:
        await store.use_vectors_of("model", DIMENSION)
        life = Life(store, seed)
        for number in range(300):
            await life.step()
            if number == 150:
                await store._scrub()
        assert life.erasures > 15
        assert len(life.gone) > 100
    assert life.found() == []
    async with opened(path, old):
        assert life.found() == []
