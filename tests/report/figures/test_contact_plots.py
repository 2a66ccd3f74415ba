"""Contact and settling: crush, loads, energy, and the words on them."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from perilune.mechanics.spring_damper import damping_n_s_per_m
from perilune.report.figures.contact_plots import drop_words, energy_words, impact, settling
from perilune.report.flight_parquet import telemetry_table
from perilune.report.record import record_of
from tests.report.figures.records import drawn


@pytest.mark.parametrize(
    ("names", "scale"), [("leg_stroke_*_m", 1e3), ("leg_load_*_n", 1e-3)], ids=["crush", "load"]
)
def test_crush_and_load_of_every_leg_are_drawn_as_they_are(result, telemetry, extras, names, scale):
    flight = record_of(result, telemetry, extras)
    figure = impact(flight, flight.contact_s)
    axis = {"leg_stroke_*_m": "y", "leg_load_*_n": "y2"}[names]
    legs = [each for each in figure.body["data"] if each["yaxis"] == axis]
    low_ms, high_ms = figure.body["layout"]["xaxis"]["range"]
    time_ms = 1e3 * (flight["time_s"] - flight.contact_s)
    seen = (time_ms >= low_ms) & (time_ms <= high_ms + 1e-6)
    assert len(legs) == 8, "every leg that the record has a column of"
    for number, leg in enumerate(legs, start=1):
        most = scale * np.nanmax(flight[names.replace("*", str(number))][seen])
        assert drawn(leg["y"]).max() == pytest.approx(most, rel=1e-6)


def landing(stroke_m, rise_j=0.0, thrust_j=0.0):
    """A contact of a second and a half, its legs crushing to `stroke_m` in the first 0.1 s."""
    time_s = np.arange(-100, 1500) * 1e-3
    after = np.clip(time_s / 0.1, 0.0, 1.0)
    net_j = 500.0 - 500.0 * after + rise_j * (time_s > 0.5)
    columns = {
        "time_s": 100.0 + time_s,
        "phase": np.full(len(time_s), 2),
        "tilt_deg": np.full(len(time_s), 1.0),
        "height_m": np.maximum(-time_s, 0.0),
        "vertical_speed_m_s": np.where(time_s < 0.0, 1.0, 1.0 - after),
        "thrust_work_j": thrust_j * after,
        "total_energy_j": net_j + thrust_j * after,
    }
    columns |= {f"leg_stroke_{leg}_m": stroke_m * after for leg in range(1, 7)}
    columns |= {f"leg_load_{leg}_n": 4000.0 * (time_s > 0.0) for leg in range(1, 7)}
    event = {"name": "contact", "utc": "2025-03-06T16:20:00.000Z", "time_s": 100.0}
    limits = {"leg_stroke_m": 0.3, "crush_force_n": 4000.0}
    return record_of({"events": [event]}, telemetry_table(columns, {}), {"limits": limits})


def test_a_crush_of_two_millimetres_is_not_pressed_flat_by_a_stroke_of_thirty_centimetres():
    figure = impact(landing(0.002), 100.0)
    levels = [shape["y0"] for shape in figure.body["layout"]["shapes"] if shape["type"] == "line"]
    assert 300.0 not in levels
    assert 4.0 in levels
    assert "300 mm" in figure.words.caption
    assert impact(landing(0.25), 100.0).body["layout"]["shapes"][0]["y0"] == pytest.approx(300.0)


def test_the_line_of_crush_is_this_flights_own_or_called_nominal():
    flight = landing(0.01)
    legs = {
        "count": 6,
        "stiffness_n_per_m": 2e5,
        "damping_n_s_per_m": 12e3,
        "crush_force_n": 4221.0,
    }
    own = replace(flight, extras={**flight.extras, "legs": legs})

    def crush_line(record):
        notes = impact(record, 100.0).body["layout"]["annotations"]
        return [each["text"] for each in notes if "crushes" in each["text"]]

    assert crush_line(own) == ["crushes at 4.22 kN"]
    assert crush_line(flight) == ["crushes at 4 kN, nominal"]


@pytest.mark.parametrize("share", [0.12, 0.5])
def test_the_words_on_a_drop_give_the_restitution_that_the_legs_were_damped_for(share):
    flight, kilograms = landing(0.01), np.full(1600, 870.0)
    legs = {"count": 6, "stiffness_n_per_m": 2e5, "crush_force_n": 4000.0}
    legs["damping_n_s_per_m"] = damping_n_s_per_m(share, 2e5, 870.0 / 6)
    table = flight.table.append_column("mass_kg", pa.array(kilograms))
    own = replace(flight, table=table, extras={**flight.extras, "legs": legs})
    assert f"return {share:g} of the speed" in impact(own, 100.0).words.caption
    assert drop_words(replace(own, outcome="CRASHED")) == ""
    assert drop_words(flight) == ""


def test_the_impact_is_drawn_no_longer_than_it_lasts():
    low_ms, high_ms = impact(landing(0.01), 100.0).body["layout"]["xaxis"]["range"]
    assert (low_ms, high_ms) == (-50.0, pytest.approx(300.0, abs=1.5))


def test_the_words_on_energy_follow_the_curve():
    calm, thrust = energy_words(landing(0.01)), energy_words(landing(0.01, thrust_j=40.0))
    assert "only falls" in calm
    assert "The ground and the legs dissipated 500 J" in calm
    assert "put in 40 J" in thrust
    assert "took out 40 J" in energy_words(landing(0.01, thrust_j=-40.0))
    assert "only falls" in thrust
    assert "raised" not in thrust  # it falls all the same while the ground takes more
    wrong = energy_words(landing(0.01, rise_j=30.0))
    assert "the energy rises by 30 J, an integration error" in wrong
    assert "only falls" not in wrong


def test_work_that_lifts_the_energy_is_said_with_its_size():
    flight = landing(0.01, thrust_j=600.0)
    assert "raised the energy by 100 J at most" in energy_words(flight)
    assert settling(flight, 100.0).words.caption.endswith(energy_words(flight))


def test_the_caption_of_a_crash_gives_no_energy_and_states_that_the_leg_model_is_not_valid():
    flight = replace(landing(0.3), outcome="CRASHED")
    words = "faster than the model of the legs is valid for"
    assert words in impact(flight, 100.0).words.caption
    assert words in settling(flight, 100.0).words.caption
    assert "dissipated" not in settling(flight, 100.0).words.caption
    assert words not in settling(landing(0.3), 100.0).words.caption
