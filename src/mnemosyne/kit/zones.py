"""Time zones by their names."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mnemosyne.kit.errors import MnemosyneError


class UnknownZoneError(MnemosyneError):
    """A time zone has a name that nobody knows."""

    code = "unknown-zone"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name[:40]}” is no time zone",
            why="Zones are named after cities.",
            hint="Write it as Europe/Lisbon or America/New_York.",
        )
        self.name = name


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of a name.

    Raises:
        UnknownZoneError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(name) from error
