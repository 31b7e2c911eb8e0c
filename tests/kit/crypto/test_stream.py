import io
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.kit.crypto.stream import (
    CHUNK,
    LONGEST_HEADER,
    DecryptingReader,
    EncryptingWriter,
    decrypt,
    decrypted_chunks,
    encrypt,
    read_header,
)
from mnemosyne.kit.crypto.stream_errors import Damage, SealedFileDamagedError

KEY = bytes(range(32))
HEADER = b'{"kind":"backup"}'
BODY = len(b"MNEMSEAL") + 1 + 4 + len(HEADER) + 32 + 7
SEALED_CHUNK = CHUNK + 16
PLAIN = random.Random(1).randbytes(2 * CHUNK + 1000)


def seal(plain: bytes, key: bytes = KEY, header: bytes = HEADER) -> bytes:
    sink = io.BytesIO()
    encrypt(io.BytesIO(plain), sink, key=key, header=header)
    return sink.getvalue()


def unseal(sealed: bytes, key: bytes = KEY) -> bytes:
    sink = io.BytesIO()
    decrypt(io.BytesIO(sealed), sink, key=key)
    return sink.getvalue()


def damage_of(sealed: bytes, key: bytes = KEY) -> SealedFileDamagedError:
    with pytest.raises(SealedFileDamagedError) as found:
        unseal(sealed, key)
    return found.value


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return seal(PLAIN)


def chunks_of(sealed: bytes) -> list[bytes]:
    return [sealed[at : at + SEALED_CHUNK] for at in range(BODY, len(sealed), SEALED_CHUNK)]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_what_was_sealed_comes_back(size: int) -> None:
    plain = random.Random(size).randbytes(size)
    sealed = seal(plain)

    assert unseal(sealed) == plain
    assert len(sealed) == BODY + size + 16 * max(1, -(-size // CHUNK))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 2 * CHUNK), max_size=6), st.integers(1, 100_000))
def test_how_it_is_written_and_read_in_pieces_does_not_matter(sizes: list[int], piece: int) -> None:
    sink = io.BytesIO()
    with EncryptingWriter(sink, key=KEY, header=HEADER) as writer:
        for size in sizes:
            assert writer.write(PLAIN[:size]) == size
    reader = DecryptingReader(io.BytesIO(sink.getvalue()), key=KEY)

    read = b"".join(iter(lambda: reader.read(piece) or b"", b""))
    assert read == b"".join(PLAIN[:size] for size in sizes)


def test_a_source_that_gives_a_few_bytes_at_a_time_is_read_whole(sealed: bytes) -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 4096))

    assert b"".join(decrypted_chunks(Trickle(sealed), key=KEY)) == PLAIN


def test_the_header_can_be_read_without_the_key(sealed: bytes) -> None:
    assert read_header(io.BytesIO(sealed)) == HEADER


def test_nothing_of_the_plaintext_stands_in_the_file() -> None:
    word = b"the secret garden"
    sealed = seal(word * 10_000)

    assert word not in sealed
    assert seal(word) != seal(word)


def test_a_flipped_bit_anywhere_is_found(sealed: bytes) -> None:
    every_bit_before_the_chunks = range(8 * BODY)
    elsewhere = random.Random(2).sample(range(8 * BODY, 8 * len(sealed)), 400)

    for bit in [*every_bit_before_the_chunks, *elsewhere]:
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        damage_of(bytes(changed))


def test_an_early_end_is_found_at_every_boundary_and_between(sealed: bytes) -> None:
    ends = BODY + SEALED_CHUNK, BODY + 2 * SEALED_CHUNK
    near = [end + step for end in ends for step in (-17, -16, -1, 0, 1, 15, 16, 17)]

    for end in [*range(BODY + 18), *near, len(sealed) - 1]:
        error = damage_of(sealed[:end])
        assert error.damage in {
            Damage.FOREIGN,
            Damage.TRUNCATED,
            Damage.CHUNK,
            Damage.KEY_OR_CHUNK,
        }
    for end in ends:
        assert damage_of(sealed[:end]).damage is Damage.TRUNCATED


def test_exchanged_repeated_and_missing_chunks_are_found(sealed: bytes) -> None:
    start, (first, second, last) = sealed[:BODY], chunks_of(sealed)

    for order in (
        [second, first, last],
        [first, last, second],
        [first, first, second, last],
        [first, last],
        [second, last],
        [last],
    ):
        damage_of(start + b"".join(order))


def test_anything_appended_is_found(sealed: bytes) -> None:
    for more in (b"\x00", bytes(16), chunks_of(sealed)[-1], sealed):
        damage_of(sealed + more)
    whole = seal(PLAIN[:CHUNK])
    assert damage_of(whole + b"x").damage is Damage.APPENDED


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_chunk_of_another_file_under_the_same_key_is_found(sealed: bytes, place: int) -> None:
    parts, others = chunks_of(sealed), chunks_of(seal(PLAIN))
    parts[place] = others[place]

    damage_of(sealed[:BODY] + b"".join(parts))


def test_the_header_of_another_file_is_found(sealed: bytes) -> None:
    other = seal(PLAIN, header=HEADER.replace(b"backup", b"export"))
    header_ends = BODY - 39

    damage_of(other[:header_ends] + sealed[header_ends:])
    damage_of(other[:BODY] + sealed[BODY:])


def test_a_wrong_key_is_found_before_anything_is_given_out(sealed: bytes) -> None:
    sink = io.BytesIO()

    with pytest.raises(SealedFileDamagedError) as found:
        decrypt(io.BytesIO(sealed), sink, key=KEY[::-1])

    assert found.value.damage is Damage.KEY_OR_CHUNK
    assert sink.getvalue() == b""


def _break_off(sink: io.BytesIO) -> None:
    with EncryptingWriter(sink, key=KEY, header=HEADER) as writer:
        writer.write(PLAIN)
        raise RuntimeError("the source broke off")


def test_a_writer_that_failed_leaves_a_file_that_reads_as_truncated() -> None:
    sink = io.BytesIO()

    with pytest.raises(RuntimeError, match="broke off"):
        _break_off(sink)

    assert damage_of(sink.getvalue()).damage is Damage.TRUNCATED


def test_a_finished_writer_takes_no_more() -> None:
    sink = io.BytesIO()
    writer = EncryptingWriter(sink, key=KEY, header=HEADER)
    writer.finish()
    writer.finish()

    with pytest.raises(ValueError, match="finished"):
        writer.write(b"more")
    assert unseal(sink.getvalue()) == b""


def test_a_header_beyond_its_limit_is_neither_written_nor_believed() -> None:
    with pytest.raises(ValueError, match="1 MiB"):
        EncryptingWriter(io.BytesIO(), key=KEY, header=bytes(LONGEST_HEADER + 1))
    claims_four_gigabytes = b"MNEMSEAL\x01\xff\xff\xff\xff"
    assert damage_of(claims_four_gigabytes).damage is Damage.HEADER


@pytest.mark.parametrize(
    ("change", "damage", "words"),
    [
        (lambda s: b"PK\x03\x04" + s, Damage.FOREIGN, "not a sealed file"),
        (lambda s: s[:8] + b"\x02" + s[9:], Damage.VERSION, "does not know"),
        (lambda s: s[:9] + b"\xff" + s[10:], Damage.HEADER, "header"),
        (lambda s: s[: BODY + SEALED_CHUNK], Damage.TRUNCATED, "truncated"),
        (lambda s: s[: BODY + SEALED_CHUNK * 2 + 3], Damage.TRUNCATED, "truncated"),
        (lambda s: s[:-1] + bytes([s[-1] ^ 1]), Damage.CHUNK, "damaged"),
        (lambda s: s[:BODY] + bytes([s[BODY] ^ 1]) + s[BODY + 1 :], Damage.KEY_OR_CHUNK, "key"),
    ],
)
def test_each_kind_of_damage_is_named_with_advice(
    sealed: bytes, change: Callable[[bytes], bytes], damage: Damage, words: str
) -> None:
    error = damage_of(change(sealed))

    assert error.code == "sealed-file-damaged"
    assert error.damage is damage
    assert words in str(error)
    assert error.why
    assert error.hint


def test_damage_is_raised_where_a_reader_meets_it(sealed: bytes) -> None:
    reader = DecryptingReader(io.BytesIO(sealed[:-1]), key=KEY)

    assert reader.readable()
    assert reader.read(CHUNK) == PLAIN[:CHUNK]
    with pytest.raises(SealedFileDamagedError):
        reader.readall()
