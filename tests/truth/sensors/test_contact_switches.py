"""Footpad switches close under load, bounce for a moment, and have faults."""

import jax.numpy as jnp
import numpy as np

from perilune.interfaces.contact_switches import ContactSwitchesSpec
from perilune.truth.faults.onset import nothing_yet
from perilune.truth.faults.switches import struck_switches
from perilune.truth.sensors.contact_switches import Pads, begin, closed_now
from tests.truth.faults.test_faults import fault
from tests.truth.faults.test_faults import now as moment

SPEC = ContactSwitchesSpec(closing_load="50 N", chatter="0.2 s", open_fraction=0.25)


def read(load_n, time_s, chance=0.9, since_s=None, spec=SPEC):
    load_n = jnp.asarray(load_n, float)
    since_s = begin(spec, len(load_n)) if since_s is None else since_s
    pads = Pads(load_n, load_n)
    closed, since_s = closed_now(
        spec, since_s, pads, jnp.asarray(time_s), jnp.full(len(load_n), chance)
    )
    return closed.tolist(), since_s


def test_a_switch_is_closed_while_its_load_is_over_the_threshold():
    assert read([0.0, 50.0, 50.1, 400.0], 1.0)[0] == [False, False, True, True]


def test_contacts_bounce_for_their_time_by_chance_and_not_after_it():
    _, since_s = read([60.0], 1.0)
    assert read([60.0], 1.1, 0.24, since_s)[0] == [False]
    assert read([60.0], 1.1, 0.26, since_s)[0] == [True]
    assert read([60.0], 1.3, 0.24, since_s)[0] == [True]


def test_a_pad_that_lifts_off_opens_its_switch_and_bounces_anew():
    _, since_s = read([60.0], 1.0)
    closed, since_s = read([0.0], 1.5, 0.9, since_s)
    assert closed == [False]
    assert read([60.0], 1.6, 0.24, since_s)[0] == [False]


def test_without_a_data_sheet_the_first_load_closes_it_for_good():
    pads = Pads(jnp.zeros(3), jnp.array([0.0, 1e-9, 5.0]))
    closed, kept = closed_now(None, None, pads, jnp.array(1.0), None)
    assert closed.tolist() == [False, True, True]
    assert kept is None


def struck(closed, *faults, time_s=1.0):
    return struck_switches(faults, nothing_yet(faults), jnp.array(closed), moment(time_s))[
        0
    ].tolist()


def test_a_fault_closes_or_silences_the_legs_that_it_names_while_it_is_on():
    first = jnp.array([1.0, 0.0])
    early = fault(closed=1.0, legs=first, after_s=1.0, duration_s=1.0)
    assert [struck([False, False], early, time_s=at) for at in (0.9, 1.0, 2.0)] == [
        [False, False], [True, False], [False, False],
    ]  # fmt: skip
    silent = fault(silent=1.0, legs=first)
    assert struck([True, True], silent) == [False, True]
    assert struck([False, True], early, silent) == [False, True]
    np.testing.assert_array_equal(struck([True, False]), [True, False])
