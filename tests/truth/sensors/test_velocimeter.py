import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.truth.sensors.velocimeter import Velocimeter, measure
from validation.bodies import numbers

LEAN_RAD = np.deg2rad(22.5)
AZIMUTH_RAD = 2.0 * np.pi * np.arange(3) / 3.0
BEAMS = np.stack(
    [
        np.sin(LEAN_RAD) * np.cos(AZIMUTH_RAD),
        np.sin(LEAN_RAD) * np.sin(AZIMUTH_RAD),
        np.full(3, -np.cos(LEAN_RAD)),
    ],
    axis=-1,
)
INSTRUMENT = Velocimeter(
    *numbers(
        BEAMS, np.zeros(3), np.zeros(3), 0.02, 1.0, 5_000.0, 200.0, np.deg2rad(70.0), 0.01, 0.0
    )
)
UP = np.array([0.0, 0.0, 1.0])


def read(velocity_m_s, clearance_m=100.0, normal=UP, instrument=INSTRUMENT, **draws):
    noise, chance = draws.get("noise", np.zeros(3)), draws.get("chance", np.ones(3))
    return measure(
        instrument,
        jnp.asarray(velocity_m_s),
        jnp.asarray(BEAMS),
        (jnp.asarray(clearance_m), jnp.asarray(normal)),
        (jnp.asarray(noise), jnp.asarray(chance)),
    )


def test_falling_straight_every_beam_closes_at_the_cosine():
    reading = read([0.0, 0.0, -10.0])
    np.testing.assert_allclose(reading.closing_speed_m_s, 10.0 * np.cos(LEAN_RAD), rtol=1e-14)
    assert bool(jnp.all(reading.valid))


def test_sideways_the_beam_ahead_closes_and_those_behind_open_by_half():
    reading = read([4.0, 0.0, 0.0])
    ahead = 4.0 * np.sin(LEAN_RAD)
    np.testing.assert_allclose(reading.closing_speed_m_s, [ahead, -ahead / 2, -ahead / 2])


def test_bias_and_noise_add_along_the_beam():
    biased = dataclasses.replace(INSTRUMENT, bias_m_s=jnp.array([0.01, 0.0, -0.01]))
    reading = read([0.0, 0.0, 0.0], instrument=biased, noise=np.array([1.0, 2.0, 0.0]))
    np.testing.assert_allclose(reading.closing_speed_m_s, [0.03, 0.04, -0.01], atol=1e-15)


def test_a_scale_error_stretches_every_speed_and_no_bias():
    wrong = dataclasses.replace(
        INSTRUMENT, scale_fraction=jnp.array(1e-3), bias_m_s=jnp.array([0.01, 0.01, 0.01])
    )
    right = read([4.0, 1.0, -30.0]).closing_speed_m_s
    stretched = read([4.0, 1.0, -30.0], instrument=wrong).closing_speed_m_s
    np.testing.assert_allclose(stretched, 1.001 * right + 0.01, rtol=1e-14)


@pytest.mark.parametrize(
    ("clearance_m", "valid"),
    [(0.9, False), (1.0, True), (4_600.0, True), (4_650.0, False)],
    ids=["too near", "just near enough", "just in reach", "out of reach"],
)
def test_ranges_are_slant(clearance_m, valid):
    assert np.all(np.asarray(read([0.0, 0.0, -1.0], clearance_m).valid) == valid)


@pytest.mark.parametrize(("fall_m_s", "valid"), [(210.0, True), (220.0, False)])
def test_the_speed_limit_is_along_the_beam(fall_m_s, valid):
    assert np.all(np.asarray(read([0.0, 0.0, -fall_m_s]).valid) == valid)


def test_a_beam_that_grazes_the_ground_returns_nothing():
    slope_rad = np.deg2rad(60.0)
    normal = np.array([np.sin(slope_rad), 0.0, np.cos(slope_rad)])
    incidence_deg = np.rad2deg(np.arccos(-BEAMS @ normal))
    reading = read([0.0, 0.0, -1.0], normal=normal)
    assert list(np.asarray(reading.valid)) == list(incidence_deg < 70.0)
    assert not np.all(reading.valid)
    assert np.any(reading.valid)


def test_a_beam_drops_out_by_its_draw():
    reading = read([0.0, 0.0, -1.0], chance=np.array([0.005, 0.015, 0.5]))
    assert list(np.asarray(reading.valid)) == [False, True, True]
