"""The copies of catalog files that the tests of missions use."""

from tests.mission.conftest import own_mission  # noqa: F401
