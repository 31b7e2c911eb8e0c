"""How the name of a file is written in a header: percent-encoded, with the folders it was in."""

from typing import Final

# UTF-8 (RFC 3629 §4), percent-encoded, without control characters, “.” and “/”.
_MORE: Final = "%[89AB][0-9A-F]"
_ENCODED: Final = (
    "2[0-9A-D]|[3-6][0-9A-F]|7[0-9A-E]"
    f"|C2%[AB][0-9A-F]|(C[3-9A-F]|D[0-9A-F]){_MORE}"
    f"|E0%[AB][0-9A-F]{_MORE}|ED%[89][0-9A-F]{_MORE}|E[1-9A-CEF]{_MORE}{_MORE}"
    f"|F0%[9AB][0-9A-F]{_MORE}{_MORE}|F[1-3]{_MORE}{_MORE}{_MORE}|F4%8[0-9A-F]{_MORE}{_MORE}"
)
_LETTER: Final = rf"([A-Za-z0-9_~!$&'()*+,;=@-]|%({_ENCODED}))"
_PART: Final = rf"{_LETTER}({_LETTER}|\.)*"
FILE_NAME: Final = rf"^{_PART}(/{_PART})*$"
