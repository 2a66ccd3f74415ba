"""An instant as mission files write it: ISO 8601 in UTC, kept as text."""

import re
from datetime import datetime
from typing import Annotated

from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError

_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z?")


def _an_instant(text: str) -> str:
    try:
        if not _UTC.fullmatch(text):
            raise ValueError(text)
        datetime.fromisoformat(text)
    except ValueError as error:
        what = 'must be a UTC instant such as "2025-03-06T17:32:00Z", but is "{text}"'
        raise PydanticCustomError("quantity", what, {"text": text}) from error
    return text


Instant = Annotated[str, AfterValidator(_an_instant)]


def zulu(text: str) -> str:
    """The same with its scale written out."""
    return text if text.endswith("Z") else text + "Z"
