import base64
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from pyproj import Proj

from perilune.mechanics.spring_damper import damping_n_s_per_m
from perilune.report.figures.contact_plots import drop_words, energy_words, impact, settling
from perilune.report.figures.engine_plots import engine_figures, gimbal
from perilune.report.figures.ground_track import track_km
from perilune.report.figures.innovations import SENSORS, innovation_figures, judged
from perilune.report.figures.navigation_errors import consistency_words, share_outside
from perilune.report.figures.relief import STRETCHES, hillshade, scale_bar, shaded, stretch_of
from perilune.report.figures.speeds import (
    MOON_GM_M3_S2,
    MOON_RADIUS_M,
    descent_rate,
    stopping_rate_m_s,
)
from perilune.report.flight_parquet import telemetry_table
from perilune.report.record import record_of

SITE = {"latitude_deg": -84.7906, "longitude_deg": 29.1957}
NO_EVENTS = {"events": []}


def record(columns, extras=None):
    return record_of(NO_EVENTS, telemetry_table(columns, {}), extras or {})


def drawn(packed):
    return np.frombuffer(base64.b64decode(packed["bdata"]), "<f4")


def test_the_track_agrees_with_pyproj():
    latitude_deg = np.array([-84.8, -80.0, -65.1, -89.9])
    longitude_deg = np.array([29.2, 31.0, 10.0, -150.0])
    sphere = f"+R={MOON_RADIUS_M} +units=km"
    plane = Proj(
        f"+proj=stere +lat_0={SITE['latitude_deg']} +lon_0={SITE['longitude_deg']} {sphere}"
    )
    east_km, north_km = track_km(latitude_deg, longitude_deg, SITE)
    np.testing.assert_allclose(plane(longitude_deg, latitude_deg), [east_km, north_km], atol=1e-9)


@pytest.mark.parametrize(
    ("slope", "bright"),
    [(0.0, np.sqrt(0.5)), (np.tan(np.pi / 4), 1.0), (-np.tan(np.pi / 3), 0.0)],
    ids=["level", "facing the lamp", "turned away"],
)
def test_a_plane_is_as_bright_as_its_angle_to_the_lamp(slope, bright):
    """Lambert: a lamp 45° high in the north-west; `slope` falls towards it."""
    km = np.linspace(-1.0, 1.0, 21)
    towards_lamp_km = (km[:, None] - km[None, :]) / np.sqrt(2.0)
    shade = hillshade(-1e3 * slope * towards_lamp_km, km, km)
    np.testing.assert_allclose(shade, bright, atol=1e-9)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1.0, "cautious: band 3.0 times error"),
        (1.5, "cautious: band 2.0 times error"),
        (2.0, "band 1.5 times error"),
    ],
)
def test_a_band_far_wider_than_the_error_is_called_cautious_and_not_praised(size, words):
    """The largest error is `size` sigma, of a sigma of one: three over that is the ratio."""
    error = size * np.sin(np.linspace(0.0, 1.0, 1001) * np.pi)
    assert consistency_words(error, np.ones(1001)) == words


def test_a_band_that_is_left_too_often_is_called_overconfident():
    error = np.where(np.arange(1000) < 5, 4.0, 0.1)
    assert consistency_words(error, np.ones(1000)) == "0.5 % outside"
    error = np.where(np.arange(1000) < 50, 4.0, 0.1)
    assert consistency_words(error, np.ones(1000)) == "overconfident: 5 % outside"
    assert consistency_words(np.full(1000, 4.0), np.ones(1000)) == "overconfident: 100 % outside"
    assert consistency_words(np.zeros(3), np.ones(3)) == "no error known"


def test_level_ground_is_as_bright_on_every_map_and_only_named_stretches_are_used():
    """No picture is stretched to its own blacks and whites: level ground has 71 % by Lambert."""
    km = np.linspace(-1.0, 1.0, 41)
    for steep in (0.0, 1e-4, 0.02, 0.3, 2.0):
        heights_m = 1e3 * steep * km[None, :] * np.ones(41)[:, None]
        chart = {"x_km": km, "y_km": km, "height_m": heights_m}
        stretch = stretch_of(chart)
        assert stretch in STRETCHES
        assert stretch * steep <= 0.6 or stretch == 1.0
    flat = {"x_km": km, "y_km": km, "height_m": np.full((41, 41), 5000.0)}
    shade = np.frombuffer(base64.b64decode(shaded(flat)["z"]["bdata"]), "u1")
    assert set(shade.tolist()) == {int(255.0 * np.sqrt(0.5))}


def test_the_bar_of_scale_is_as_long_as_it_says():
    shapes, (note,) = scale_bar(((-0.26, 0.26), (-0.26, 0.26)), 1e3)
    assert {round(1e3 * (shape["x1"] - shape["x0"]), 6) for shape in shapes} == {100.0}
    assert note["text"] == "100 m"
    shapes, (note,) = scale_bar(((100.0, -20.0), (-22.0, 22.0)), 1e3)
    assert {shape["x0"] - shape["x1"] for shape in shapes} == {10.0}
    assert note["text"] == "10 km"


def test_three_sigma_is_left_as_often_as_the_normal_law_says():
    error = np.random.default_rng(1).standard_normal(400_000)
    sigma = np.where(np.arange(400_000) < 4, np.nan, 1.0)
    assert share_outside(error, sigma) == pytest.approx(0.0027, abs=3 * np.sqrt(0.0027 / 400_000))


def test_falling_at_the_corridors_edge_full_thrust_reaches_the_limit_at_the_ground():
    """Stepped down with full thrust from the edge of the corridor, against its closed form."""
    height_m, mass_kg, thrust_n, limit_m_s = 150.0, 900.0, 4000.0, 2.0
    one = {"time_s": 0.0, "phase": 1, "altitude_m": 5000.0, "height_m": height_m}
    one |= {"mass_kg": mass_kg, "horizontal_speed_m_s": 0.0}
    extras = {"limits": {"full_thrust_n": thrust_n, "vertical_speed_m_s": limit_m_s}}
    columns = {name: np.array([value]) for name, value in one.items()}
    rate_m_s = stopping_rate_m_s(record(columns, extras))[0]
    step_s, gravity_m_s2 = 1e-3, MOON_GM_M3_S2 / (MOON_RADIUS_M + 5000.0) ** 2
    while height_m > 0.0:
        slower_m_s = rate_m_s + (gravity_m_s2 - thrust_n / mass_kg) * step_s
        height_m -= 0.5 * (rate_m_s + slower_m_s) * step_s
        rate_m_s = slower_m_s
    assert rate_m_s == pytest.approx(limit_m_s, abs=0.01)


def test_orbital_speed_needs_no_thrust_to_stay_up():
    """In a circular orbit v²/r takes all of gravity, so any thrust at all brakes with all of it."""
    radius_m = MOON_RADIUS_M + 15e3
    one = {"time_s": 0.0, "phase": 1, "altitude_m": 15e3, "height_m": 10e3, "mass_kg": 1000.0}
    one["horizontal_speed_m_s"] = np.sqrt(MOON_GM_M3_S2 / radius_m)
    columns = {name: np.array([value]) for name, value in one.items()}
    rate_m_s = stopping_rate_m_s(record(columns, {"limits": {"full_thrust_n": 4000.0}}))[0]
    assert rate_m_s == pytest.approx(np.sqrt(2 * 4.0 * 10e3), rel=1e-12)


def test_the_corridor_is_drawn_only_where_the_thrust_is_known(result, telemetry, extras):
    def names(more):
        return [
            each["name"] for each in descent_rate(record_of(result, telemetry, more)).body["data"]
        ]

    assert "full thrust suffices" in names(extras)
    assert names({}) == ["descent rate"]


def test_a_reading_outside_the_gate_is_turned_away_and_one_that_is_no_good_is_neither():
    columns = {
        "time_s": np.arange(5.0),
        "phase": np.ones(5),
        "altimeter_canted_innovation_m": np.array([1.0, -9.0, 2.0, 9.0, np.nan]),
        "altimeter_canted_gate_m": np.full(5, 5.0),
        "altimeter_canted_valid": np.array([1, 1, 0, 0, 1]),
    }
    taken, refused = judged(record(columns), SENSORS[0], "canted")
    assert taken.tolist() == [True, False, False, False, False]
    assert refused.tolist() == [False, True, False, False, False]


def test_what_the_software_says_it_took_goes_before_the_gate():
    columns = {
        "time_s": np.arange(2.0),
        "phase": np.ones(2),
        "camera_along_innovation_m": np.ones(2),
        "camera_along_gate_m": np.full(2, 5.0),
        "camera_valid": np.ones(2),
        "camera_used": np.array([1, 0]),
    }
    taken, refused = judged(record(columns), SENSORS[2], "along")
    assert taken.tolist() == [True, False]
    assert not refused.any()


def test_each_unit_of_a_kind_has_a_figure_of_its_own():
    columns = {"time_s": np.arange(4.0), "phase": np.ones(4)}
    for stem in ("altimeter_left_canted", "altimeter_right_axial", "camera_along"):
        columns |= {f"{stem}_innovation_m": np.ones(4), f"{stem}_gate_m": np.full(4, 5.0)}
    drawn = innovation_figures(record(columns))
    assert [each.words.title for each in drawn] == [
        "Innovations: laser altimeter left",
        "Innovations: laser altimeter right",
        "Innovations: camera position fixes",
    ]
    assert len({each.words.key for each in drawn}) == 3


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


def test_the_gimbal_is_drawn_between_its_stops_and_only_while_the_engine_burns():
    columns = {
        "time_s": np.arange(4.0),
        "phase": np.ones(4),
        "thrust_n": np.array([0.0, 900.0, 900.0, 0.0]),
        "gimbal_x_deg": np.array([9.0, 1.0, -2.0, 9.0]),
    }
    figure = gimbal(record(columns, {"limits": {"gimbal_deg": 6.0}}))
    (turn,) = figure.body["data"]
    assert np.nanmax(drawn(turn["y"])) == 1.0
    levels = [shape["y0"] for shape in figure.body["layout"]["shapes"]]
    assert levels == [6.0, -6.0]


def test_several_engines_are_drawn_one_by_one_by_name_and_a_fixed_one_without_a_gimbal():
    time_s = np.arange(4.0)
    burning, off = np.array([0.0, 900.0, 950.0, 0.0]), np.zeros(4)
    columns = {"time_s": time_s, "phase": np.ones(4), "thrust_n": burning, "thrust_1_n": burning}
    columns |= {"thrust_2_n": off} | {f"gimbal_{n}_{a}_deg": time_s for n in (1, 2) for a in "xy"}
    extras = {"engines": {1: "north", 2: "south"}, "limits": {"gimbal_deg": 6.0}}
    thrust, swung, _ = engine_figures(record(columns, extras))
    (trace,) = thrust.body["data"]
    assert trace["name"] == "engine north"
    np.testing.assert_array_equal(drawn(trace["y"])[1:3], [900.0, 950.0])
    assert [each["name"] for each in swung.body["data"]] == ["engine north"] * 2
    fixed = engine_figures(record(columns, extras | {"limits": {"gimbal_deg": 0.0}}))
    assert [each.words.key for each in fixed] == ["engine-thrust", "shortfall"]


def test_descent_begins_at_its_ignition_and_not_at_the_deorbit_burns(result, telemetry, extras):
    flight = record_of(result, telemetry, extras)
    assert (flight.pdi_s, flight.contact_s) == (3600.0, 4320.0)


def test_without_events_descent_and_contact_are_read_off_the_phase():
    columns = {"time_s": np.arange(4.0), "phase": np.array([0, 1, 1, 2])}
    assert (record(columns).pdi_s, record(columns).contact_s) == (1.0, 3.0)
    assert record({"time_s": np.arange(2.0), "phase": np.zeros(2)}).contact_s is None
