"""Connections to a node: uploads, downloads and streams go on for as long as something moves.

A request of the resolver is over in a minute or it is closed (``connections``). Here one may take
hours, so its deadline follows what it does: every byte that arrives buys time, as every answer that
is taken does; and while it is the node that works, or has nothing to say, nobody is late.
"""

from typing import Final

import h11

from mnemosyne.entrypoints.connections import BoundedProtocol

MOST_SERVED: Final = 2_000
"""Connections at a time: a flood of a thousand keeps nobody out; a browser opens six."""
SLOWEST: Final = 4 * 1024
"""Bytes in a second that a body comes with at the least, after its first minute."""
FRESH: Final = 1.0
"""For how many seconds a new connection keeps its place although it has not asked yet."""


class StreamingProtocol(BoundedProtocol):
    """HTTP/1.1 over one connection, with deadlines for standing still."""

    most = MOST_SERVED
    slowest: float = SLOWEST
    fresh: float = FRESH

    _closes: float = 0.0

    def data_received(self, data: bytes) -> None:
        """Take what came; a part of a body puts its deadline off by what it weighs."""
        super().data_received(data)
        if self._sends_body() and not self.cycle.response_complete:
            later = self._closes + len(data) / self.slowest
            self._close_at(min(later, self.loop.time() + self.for_request))

    def resume_writing(self) -> None:
        """Go on answering: the client has taken what waited."""
        super().resume_writing()
        if not self._awaited:
            self._close_after(self.for_request)

    def gives_way(self) -> bool:
        """Whether a newer connection may have this one's place."""
        return super().gives_way() and self.loop.time() - self._since > self.fresh

    def _close_after(self, seconds: float) -> None:
        self._close_at(self.loop.time() + seconds)

    def _close_at(self, when: float) -> None:
        self._stop_waiting()
        self._closes = when
        self._deadline = self.loop.call_at(when, self._late)

    def _late(self) -> None:
        """Close what stands still, unless it waits for the node and not the node for it."""
        if self._node_is_busy():
            self._close_after(self.for_request)
        else:
            self.give_way()

    def _node_is_busy(self) -> bool:
        if self.awaits_head or self.cycle.response_complete or self.flow.write_paused:
            return False
        return self.flow.read_paused or not self._sends_body()

    def _sends_body(self) -> bool:
        return self.conn.their_state is h11.SEND_BODY


def streaming(
    for_head: float, for_request: float, slowest: float = SLOWEST
) -> type[StreamingProtocol]:
    """Return the protocol with these deadlines, in seconds, and that rate, in bytes a second."""
    how = {"for_head": for_head, "for_request": for_request, "slowest": slowest}
    return type("StreamingProtocol", (StreamingProtocol,), how)
