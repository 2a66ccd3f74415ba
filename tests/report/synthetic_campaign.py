"""Made-up campaigns with the shape of real ones: enough for the pages, evidence of nothing."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa

from perilune.campaign.analysis.failure_modes import groups
from perilune.campaign.analysis.interactions import pairs
from perilune.campaign.analysis.landing_footprint import scatter
from perilune.campaign.analysis.sensitivity_ks import drivers
from perilune.campaign.analysis.sobol_indices import first_order
from perilune.campaign.statistics.binomial_interval import CLOPPER_PEARSON, clopper_pearson
from perilune.campaign.statistics.order_statistics import upper_bound
from perilune.flight.carry import CONSISTENCY, CheckPoint
from perilune.interfaces.events import Event

LIMITS = {
    "vertical_speed_m_s": 3.0,
    "horizontal_speed_m_s": 1.0,
    "body_rate_deg_s": 5.0,
    "tilt_deg": 10.0,
    "leg_stroke_m": 0.3,
    "broken_legs_count": 0.0,
    "hull_contact_n": 0.0,
    "bell_contact_n": 0.0,
    "miss_m": 50.0,
}
INPUTS = (
    ("lander.engine.max_thrust", "N", 3100.0, 31.0, "[sourced: press kit]"),
    ("lander.engine.specific_impulse", "s", 320.0, 1.6, "[recalled]"),
    ("lander.altimeter.bias", "m", 0.0, 0.5, "[assumed: a tenth of its noise]"),
    ("lander.velocimeter.scale_factor", "", 0.0, 0.002, "[assumed]"),
    ("site.slope", "rad", 0.05, 0.02, "[inferred: from the map]"),
    ("masses.separation", "kg", 2120.0, 20.0, "[sourced: a page]"),
    ("navigation.along_track", "m", 0.0, 400.0, "[assumed: a week of tracking]"),
)
DISPERSIONS = [
    {
        "path": path,
        "column": f"input_{path.replace('.', '_')}",
        "unit": unit,
        "nominal": nominal,
        "distribution": f"normal, sigma {sigma:g} {unit}".strip(),
        "source": source,
    }
    for path, unit, nominal, sigma, source in INPUTS
]
EXTRAS = {
    "title": "Synthetic campaign at a made-up site",
    "summary": "Made-up rows, for the tests of the page only.",
    "folder": "runs/synthetic-campaign-s0",
    "limits": LIMITS,
    "terrain": [
        {"piece": "site tile", "origin": "measured", "spacing_m": 5.0, "made_of": "map.npz 100 %"},
        {"piece": "finer than that", "origin": "smooth", "made_of": "nothing below 5 m"},
    ],
    "sources": {
        "lander.legs.stroke": {"value": "0.3 m", "tag": "assumed: from published sizes"},
        "lander.engine.max_thrust": {"value": "3.1 kN", "tag": "sourced: press kit"},
    },
}

AT_REST = ("miss_east_m", "miss_north_m", "rest_true_latitude_deg", "rest_true_longitude_deg")


def ground(reach_m=80.0, count=120):
    """Rolling ground about the aim point."""
    km = np.linspace(-reach_m, reach_m, count) / 1e3
    rolls = np.sin(120.0 * km)[None, :] * np.cos(90.0 * km)[:, None]
    return {"x_km": km, "y_km": km, "height_m": 3.0 * rolls}


def rows(count, seed=1, hardship=1.0):
    """`count` made-up rows; the larger `hardship`, the fewer are clean (0: all are)."""
    rng = np.random.default_rng(seed)
    drawn = {
        each["column"]: mean + sigma * rng.standard_normal(count)
        for each, (_, _, mean, sigma, _) in zip(DISPERSIONS, INPUTS, strict=True)
    }
    bias = drawn["input_lander_altimeter_bias"]
    slope = drawn["input_site_slope"]
    crashed = rng.random(count) < 0.01 * hardship
    figures = _figures(rng, count, bias, slope) if hardship else _gentle(rng, count)
    for name in ("tilt_deg", "miss_m", *AT_REST):
        figures[name] = np.where(crashed, np.nan, figures[name])
    figures["vertical_speed_m_s"] = np.where(
        crashed, rng.uniform(8, 60, count), figures["vertical_speed_m_s"]
    )
    figures["vertical_speed_m_s"] *= max(hardship, 1.0)
    figures["hull_contact_n"] = np.where(crashed, 900.0, 0.0)
    margins = {f"margin_{name}": limit - figures[name] for name, limit in LIMITS.items()}
    margins = {"margin_at_rest": np.where(crashed, -1.0, 0.0)} | margins
    met = [values >= 0.0 for name, values in margins.items() if name != "margin_miss_m"]
    clean = np.all(met, axis=0) & ~crashed
    told = drawn | figures | _events(rng, count) | _consistency(rng, count)
    told |= _innovations(rng, count) | margins
    columns = {"run": pa.array(np.arange(count)), "clean": pa.array(clean)}
    columns["outcome"] = pa.array(np.where(crashed, "CRASHED", "LANDED"))
    return pa.table(columns | {name: pa.array(v, from_pandas=True) for name, v in told.items()})


def _gentle(rng, count):
    return _figures(rng, count, np.zeros(count), np.full(count, 0.02), spread=0.2)


def _figures(rng, count, bias, slope, spread=1.0):
    east = 12.0 * rng.standard_normal(count) * spread
    north = 18.0 * rng.standard_normal(count) * spread + 0.02 * east**2
    tilt = np.degrees(np.abs(slope)) + 0.8 * spread * np.abs(rng.standard_normal(count))
    return {
        "contact_s": 7200.0 + rng.standard_normal(count),
        "vertical_speed_m_s": 1.3 + 0.9 * bias**2 + 0.2 * rng.random(count),
        "horizontal_speed_m_s": 0.25 * spread * np.abs(rng.standard_normal(count)),
        "body_rate_deg_s": 0.8 * spread * np.abs(rng.standard_normal(count)),
        "tilt_at_contact_deg": 0.7 * np.abs(rng.standard_normal(count)),
        "tilt_deg": tilt,
        "miss_m": np.hypot(east, north),
        "miss_east_m": east,
        "miss_north_m": north,
        "map_error_east_m": np.linspace(-30.0, 40.0, count),
        "map_error_north_m": np.linspace(20.0, -10.0, count),
        "rest_true_latitude_deg": -84.79 + 3e-5 * north,
        "rest_true_longitude_deg": 29.2 + 3e-4 * east,
        "leg_stroke_m": 0.05 + 0.02 * rng.random(count),
        "broken_legs_count": np.zeros(count),
        "hull_contact_n": np.zeros(count),
        "bell_contact_n": np.zeros(count),
        "propellant_kg": 140.0 + 9.0 * rng.standard_normal(count),
        "cold_gas_kg": 9.0 + 0.6 * rng.standard_normal(count),
        "peak_thrust_fraction": 0.9 + 0.01 * rng.random(count),
        "thrust_short_s": 3.0 * rng.random(count),
        "torque_short_s": 0.5 * rng.random(count),
        "height_error_100_m": bias + 0.2 * rng.standard_normal(count),
    }


def _events(rng, count):
    times = 600.0 * np.arange(len(Event))[:, None] + rng.random((len(Event), count))
    times[Event.TANK_DRY] = np.nan
    return {f"event_{e.name.lower()}_s": times[e] for e in Event}


def _consistency(rng, count):
    told = {}
    for point in CheckPoint:
        for kind in CONSISTENCY:
            axes = 3 if kind in ("position", "velocity", "attitude") else 1
            told[f"nees_{point.name.lower()}_{kind}"] = rng.chisquare(axes, count) / axes
        for which in ("vertical", "horizontal"):
            sigma = 30.0 / (1 + point)
            stem = f"{which}_{point.name.lower()}_m"
            told[f"error_{stem}"] = sigma * rng.standard_normal(count)
            told[f"sigma_{stem}"] = np.full(count, sigma)
    return told


def _innovations(rng, count):
    return {f"nis_{unit}": rng.chisquare(500, count) / 500 for unit in ("altimeter", "camera")}


def document(table, **changes):
    """The `campaign.json` of made-up rows, by the campaign's own functions."""
    clean = np.asarray(table["clean"].to_pylist(), dtype=bool)
    runs, count = table.num_rows, int(clean.sum())
    inputs = [SimpleNamespace(**each) for each in DISPERSIONS]
    made = {
        "schema": 1,
        "mission": "synthetic",
        "title": "Synthetic",
        "seed": 0,
        "faults": [],
        "settings": [],
        "sampling": "random",
        "runs": runs,
        "clean": count,
        "probability": count / runs,
        "confidence": 0.95,
        "interval": [float(end) for end in clopper_pearson(count, runs, 0.95)],
        "method": vars(CLOPPER_PEARSON),
        "requirement": None,
        "decision": {"verdict": "none", "sentence": "", "after_runs": None},
        "outcomes": _counts(table["outcome"].to_pylist()),
        "violations": _violations(table),
        "figures": _summaries(table),
        "order_statistics": _order(table),
        "scatter": scatter(_numbers(table, "miss_east_m"), _numbers(table, "miss_north_m")),
        "drivers": drivers(table, inputs),
        "indices": first_order(table, inputs),
        "pairs": pairs(table, inputs),
        "failure_groups": groups(table) if count < runs else [],
        "settled": _settled(clean),
        "dispersions": DISPERSIONS,
        "timing": {"wall_s": 12.5, "compile_s": 20.0, "flights_per_s": 41.0, "workers": 2},
        "provenance": {"version": "0.1.0", "batch_size": 64, "terrain": "5 m, measured"},
    }
    return made | changes


def _numbers(table, name):
    return table[name].to_numpy().astype(float)


def _counts(names):
    return {name: names.count(name) for name in dict.fromkeys(names)}


def _violations(table):
    names = [name for name in table.column_names if name.startswith("margin_")]
    return {
        name.removeprefix("margin_"): int((~(_numbers(table, name) >= 0.0)).sum()) for name in names
    }


def _summaries(table):
    found = {}
    for name in ("vertical_speed_m_s", "tilt_deg", "miss_m", "propellant_kg"):
        values = _numbers(table, name)
        values = values[np.isfinite(values)]
        if values.size:
            low, middle, high = np.percentile(values, [1, 50, 99])
            found[name] = {"p01": float(low), "p50": float(middle), "p99": float(high)}
    return found


def _order(table):
    values = _numbers(table, "vertical_speed_m_s")
    found = [(each, upper_bound(values, each, 0.95)) for each in (0.9, 0.99, 0.9999)]
    named = {"column": "vertical_speed_m_s", "unit": "m/s", "confidence": 0.95, "sense": "upper"}
    return [
        named | {"fraction": each, "bound": bound.value, "rank": bound.rank}
        for each, bound in found
    ]


def _settled(clean, batch=64):
    steps = []
    for end in [*range(batch, len(clean), batch), len(clean)]:
        so_far = int(clean[:end].sum())
        low, high = clopper_pearson(so_far, end, 0.95)
        step = {"runs": end, "clean": so_far, "probability": so_far / end}
        steps.append(step | {"lo": float(low), "hi": float(high)})
    return steps
