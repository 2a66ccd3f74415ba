from hypothesis import given
from hypothesis import strategies as st

from perilune.mechanics.time import Epoch, after


def between_s(earlier, later):
    """Seconds of TDB from one epoch to another."""
    return (later.day - earlier.day) * 86_400.0 + (later.second_s - earlier.second_s)


@given(
    st.integers(-3_000, 12_000),
    st.floats(0.0, 86_399.9),
    st.floats(-1e6, 1e6, allow_subnormal=True),
)
def test_going_on_and_coming_back_keeps_nanoseconds(day, second_s, step_s):
    start = Epoch(day, second_s)
    there = after(start, step_s)
    assert 0.0 <= there.second_s < 86_400.0
    assert abs(between_s(start, there) - step_s) < 1e-9
    assert abs(between_s(start, after(there, -step_s))) < 1e-9
