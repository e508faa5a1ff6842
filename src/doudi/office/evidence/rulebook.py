"""The pack and its vocabulary as this process works with them: read once, for reading takes longer than a page may."""

from functools import lru_cache

from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pack.vocabulary import Vocabulary, load_vocabulary


@lru_cache(maxsize=1)
def current_pack() -> Pack:
    """The rule pack that ships with this release of Doudi. Another release is another process."""
    return load_pack()


@lru_cache(maxsize=1)
def current_vocabulary() -> Vocabulary:
    """All facts that the pack knows."""
    return load_vocabulary(current_pack())
