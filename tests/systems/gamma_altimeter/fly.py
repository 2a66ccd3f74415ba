"""Run in a copy of the package that has the sensor: prints what became of it, as JSON."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np

from perilune import load_mission, run_key
from perilune.design import design
from perilune.design.inputs import inputs_of
from perilune.flight import suite
from perilune.flight.draw import draw
from perilune.flight.fly import fly
from perilune.interfaces.sensor import Rate
from perilune.interfaces.sensor_kinds import sensor_of
from perilune.mission.parameters import leaves_of
from perilune.onboard.guidance.view import moon_orientation
from perilune.onboard.navigation.estimate import first_estimate
from perilune.onboard.navigation.measurements import model_of
from perilune.onboard.navigation.sight import Sight
from perilune.onboard.navigation.update import update
from perilune.telemetry.samples import keep
from perilune.telemetry.sensor_columns import unit_columns
from perilune.truth.faults.fault_kinds import Now
from tests.onboard.navigation.gates import gated
from tests.truth.sensors.scenes import scene

LABEL = "gamma_altimeter"
found = {}
mission = load_mission("athena", [f"belief.lander.{LABEL}.noise=0.6 m"], faults=["gamma-high"])
found["paths"] = sorted(path for path in leaves_of(mission) if LABEL in path)
found["drawn"] = [each.column for each in inputs_of(mission) if LABEL in each.path]
plan = design(mission).plan
found["noise_m"] = [
    float(plan.sensors[LABEL].spec.noise_m),
    float(plan.upload.sensors[LABEL].noise_m),
]

# Truth: read with no noise, then with a given one, before and after its fault begins.
key = run_key(0, 0)
words = jax.tree.map(lambda leaf: leaf[0], suite.frame_draws(plan, key, jnp.array(0))[Rate.CYCLE])
own = words[LABEL].own
quiet = dataclasses.replace(own, normals=jnp.array(0.0), uniforms=jnp.array(1.0))
found["normal"] = float(own.normals)
states, events = suite.begin(plan), jnp.zeros(len(plan.event_phases) + 5)
found["read_m"] = []
for time_s, drawn in ((5.0, quiet), (5.0, own), (20.0, quiet)):
    now = Now(time_s=jnp.array(time_s), event_time_s=events, height_m=jnp.array(20.0))
    mine = dataclasses.replace(words[LABEL], own=drawn)
    readings, _ = suite.read(
        plan, Rate.CYCLE, states, (scene(20.0, time_s=time_s), now), words | {LABEL: mine}
    )
    said = readings[LABEL].reading
    found["read_m"].append(float(said.height_m))
    found["valid"] = bool(said.valid)
high = suite.truth_model(sensor_of(LABEL)).measure
fitted = plan.sensors[LABEL]
found["too_high"] = bool(high(fitted.spec, fitted.errors, None, scene(9e3), quiet)[0].valid)
lean = jnp.array([jnp.cos(0.4), jnp.sin(0.4), 0.0, 0.0])
leaning = scene(20.0, inertial_from_body=lean)
found["leaning"] = bool(high(fitted.spec, fitted.errors, None, leaning, quiet)[0].valid)
lost = dataclasses.replace(quiet, uniforms=jnp.array(0.0))
found["dropped"] = bool(high(fitted.spec, fitted.errors, None, scene(20.0), lost)[0].valid)

# Onboard: a reading of what is expected leaves nothing; one metre more raises the estimate.
upload, estimate = plan.upload, first_estimate(plan.upload)
where = moon_orientation(upload.chart, jnp.array(0.0))
sight = Sight(
    chart=upload.chart,
    time_s=jnp.array(0.0),
    fixed_from_inertial=where.fixed_from_inertial,
    spin_inertial_rad_s=where.spin_inertial_rad_s,
    rate_body_rad_s=jnp.zeros(3),
    label=LABEL,
)
model, belief = model_of(LABEL), upload.sensors[LABEL]
said = type(readings[LABEL].reading)(jnp.array(0.0), jnp.array(True))
expected_m = -model.expect(belief, sight, estimate, said).value[0]
said = dataclasses.replace(said, height_m=expected_m + 1.0)
rows = model.expect(belief, sight, estimate, said)
found["innovation_m"], found["sigma_m"] = float(rows.value[0]), float(rows.variance[0]) ** 0.5
up = estimate.position_inertial_m / jnp.linalg.norm(estimate.position_inertial_m)
moved = dataclasses.replace(estimate, position_inertial_m=estimate.position_inertial_m + 0.5 * up)
found["slope"] = float(rows.value[0] - model.expect(belief, sight, moved, said).value[0]) / 0.5
found["told_slope"] = float(jnp.sum(rows.slope[0, :3] * up))
after, result, _ = update(estimate, rows, gated(upload.filter.gate_factor, rows))
found["used"] = bool(result.used[0])
found["raised_m"] = float(jnp.sum((after.position_inertial_m - estimate.position_inertial_m) * up))
place = estimate.layout.of[LABEL]["bias_m"]
found["bias_sigma_m"] = float(jnp.sqrt(estimate.covariance[place, place][0, 0]))
found["bias_m"] = float(after.biases[LABEL]["bias_m"][0])


# The whole flight is traced with it, from the draw to the samples.
def flight(plan, key):
    drawn = draw(plan, key)
    _, samples = fly(drawn, key, sampled=True)
    return keep(samples, drawn, key)


samples = jax.eval_shape(flight, plan, key)
held = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(samples)]
found["sampled"] = sorted({each.rpartition(".")[2] for each in held if LABEL in each})
reading = type(said)(np.zeros(2), np.ones(2, bool))
results = type(result)(*[np.zeros((2, 1))] * 2, np.ones((2, 1), bool), np.zeros((2, 1)))
columns = unit_columns(sensor_of(LABEL), LABEL, reading, results, lambda values, _: values)
found["columns"] = sorted(columns)
print(json.dumps(found))
