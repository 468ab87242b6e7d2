# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments as SQLite keeps them: whole milliseconds since 1970-01-01 UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def milliseconds_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def moment(milliseconds_since_1970: int) -> datetime:
    return _EPOCH + milliseconds_since_1970 * _MILLISECOND


def moment_or_none(milliseconds_since_1970: int | None) -> datetime | None:
    return None if milliseconds_since_1970 is None else moment(milliseconds_since_1970)
