"""Keep apart what shares a key within one file, in memory that does not grow with the file."""

import hashlib

_REMEMBERED = 200_000


class DistinctKeys:
    """Gives the first holder of a key the key itself, and a different one a key of its own.

    The answer depends on what came before in the file alone, so the same file gives the same keys
    again. Beyond the first 200,000 keys nothing is remembered: there, the same key means the same
    memory, whose older wordings are kept as versions.
    """

    def __init__(self) -> None:
        self._holders: dict[bytes, str] = {}

    def key(self, wanted: str, digest: str) -> str:
        """Return ``wanted``, or a key of its own if another content (``digest``, hex) has it."""
        name = hashlib.sha256(wanted.encode("utf-8", "surrogatepass")).digest()[:12]
        own = digest[:12]
        if len(self._holders) < _REMEMBERED:
            holder = self._holders.setdefault(name, own)
        else:
            holder = self._holders.get(name, own)
        return wanted if holder == own else f"{wanted}~{own}"
