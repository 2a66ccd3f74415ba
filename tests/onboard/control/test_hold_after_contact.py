"""Nozzles of a push stay open after touchdown for its time, and only then."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.errors import InputError
from perilune.interfaces import ContactReading, Inbox, quiet_command
from perilune.interfaces.clock import CLOCK_S
from perilune.mission.command_units import nozzles_named
from perilune.onboard.memory import wake
from perilune.onboard.port import step
from perilune.onboard.upload import ContactPush

TOUCHED_S = 100.0
OPEN = np.zeros(16)
OPEN[[1, 5]] = 1.0


@pytest.fixture
def pushing(upload):
    push = ContactPush(jnp.asarray(OPEN), jnp.array(0.3))
    return dataclasses.replace(upload, contact_push=push)


def on_the_ground(upload, ticks, closed):
    """What each nozzle is ordered in ticks of contact, the switches closed from one of them on."""
    off = quiet_command(1, 16)
    memory = dataclasses.replace(wake(upload), command=off)
    found = []
    for tick in range(ticks):
        inbox = Inbox(
            time_s=jnp.array(TOUCHED_S + CLOCK_S * tick),
            tick_s=jnp.array(CLOCK_S),
            frame_s=jnp.array(CLOCK_S),
            cycle_due=jnp.array(False),
            frame_due=jnp.array(False),
            contact=ContactReading(jnp.full(6, tick >= closed)),
            arrived=None,
        )
        memory, command, _ = step(upload, memory, inbox)
        found.append(np.asarray(command.thruster_on_s))
    return np.array(found)


def test_the_nozzles_open_when_a_switch_closes_and_close_after_the_time(pushing):
    ordered_s = on_the_ground(pushing, 7, closed=2)
    expected = np.zeros((7, 16))
    expected[2:5] = CLOCK_S * OPEN  # 0.3 s are three ticks
    np.testing.assert_allclose(ordered_s, expected, atol=1e-15)


def test_without_a_push_touchdown_closes_every_nozzle(upload):
    assert upload.contact_push is None
    assert not np.any(on_the_ground(upload, 3, closed=1))


def test_a_mission_names_the_nozzles_of_its_push():
    mission = load_mission("slim")
    named = nozzles_named(mission.lander, mission.descent.contact_push.nozzles)
    assert [at for at, yes in enumerate(named) if yes] == [1, 8, 10]
    for at in (1, 8, 10):  # towards the side that is to lie down, from over the centre of mass
        nozzle = mission.lander.thrusters.nozzles[at]
        assert nozzle.direction == (1.0, 0.0, 0.0)
        assert nozzle.position_m[2] > mission.lander.mass.dry_center_of_mass_m[2]


def test_a_nozzle_that_the_lander_lacks_is_refused_with_those_it_has():
    with pytest.raises(InputError, match="must name nozzles of the lander") as refused:
        load_mission("slim", settings=['descent.contact_push.nozzles=["thrusters.nozzles.99"]'])
    assert "`thrusters.nozzles.0` to `thrusters.nozzles.11`" in str(refused.value)
