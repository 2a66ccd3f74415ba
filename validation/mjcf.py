"""Knows how MuJoCo is given a lander on a slope: a model in its own language, from a vehicle.

Each pad is a small body that moves against the hull along the ways in which its leg gives way: the
dry friction of a joint is a strut that crushes at one force, the end of a joint that of its stroke.
Spring and damper of the leg are the contact of the pad with the ground.
"""

import numpy as np

from validation.comparison import AuthorityAbsentError

STEP_S = 2.5e-4
PAD_KG = 0.1
"""Of a pad, taken off the hull; ours has none."""
POINT_M = 0.01
"""Radius of a ball that stands for a point; the ground lies lower by as much."""
STOPS_PER_S = 100.0
"""How fast friction stops a pad, where Coulomb's limit lets it.

MuJoCo's contact is convex: what still slides is pressed off the ground by friction times damper
times that rate. At the rate of the damper (4000/s here) sliding pads chatter and their legs crush
by decimetres too much; at 100/s it is 0.15 kN for each m/s, below what a pad carries at rest.
"""
HARD = f"{2.0 * STEP_S} 1"
AT_ONCE = "0.9999 0.9999 0.001"


def library():
    """MuJoCo, or AuthorityAbsentError."""
    try:
        import mujoco
    except ImportError as absent:
        raise AuthorityAbsentError("install perilune[test] for MuJoCo") from absent
    return mujoco


def model_of(vehicle, mass, slope_rad, gravity_m_s2):
    """A model whose contacts have stiffness, damping and friction of the vehicle's points.

    Its contact gives an acceleration to a mass that follows from the impedance d. With d so that
    this mass is the step times the damper, spring and damper are stepped by backward Euler.
    """
    mujoco = library()
    text = scene(vehicle, mass, slope_rad, gravity_m_s2)
    model = mujoco.MjModel.from_xml_string(text)
    stiffness, damping, friction = _by_pair(model, vehicle.contact)
    damping = damping + STEP_S * stiffness
    bodies = model.geom_bodyid[model.pair_geom2]
    light = STEP_S * damping * model.body_invweight0[bodies, 0]
    impedance = light / (1.0 + light)
    per_kg = impedance / (STEP_S * damping)
    model.pair_solref[:] = -np.stack([per_kg * stiffness, per_kg * damping], axis=-1)
    model.pair_solreffriction[:] = -np.stack([per_kg, STOPS_PER_S * impedance], axis=-1)
    model.pair_solimp[:, :2] = impedance[:, None]
    model.pair_friction[:, :2] = friction[:, None]
    return model


def _by_pair(model, points):
    """Stiffness, damping and friction of each pair of contact: MuJoCo orders them by its bodies."""
    geoms = [model.geom(name).id for name in names_of(points)]
    at = [geoms.index(geom) for geom in model.pair_geom2]
    each = (points.stiffness_n_per_m, points.damping_n_s_per_m, points.friction_factor)
    return [np.asarray(values)[at] for values in each]


def names_of(points):
    """Of the balls that stand for the points of contact: the feet, then the rest."""
    legs, count = points.leg_count, len(points.position_body_m)
    return [f"foot{at}" if at < legs else f"point{at - legs}" for at in range(count)]


def scene(vehicle, mass, slope_rad, gravity_m_s2):
    """The text of the model: a slope that falls away towards +x, hull, pads, other points."""
    legs, places_m = vehicle.contact.leg_count, np.asarray(vehicle.contact.position_body_m)
    normal = np.array([np.sin(slope_rad), 0.0, np.cos(slope_rad)])
    feet = "".join(_foot(vehicle.contact, leg) for leg in range(legs))
    names = names_of(vehicle.contact)
    rest = zip(names[legs:], places_m[legs:], strict=True)
    pairs = "".join(f'<pair geom1="ground" geom2="{name}"/>' for name in names)
    return f"""<mujoco>
      <option timestep="{STEP_S}" gravity="0 0 {-gravity_m_s2}" cone="elliptic" impratio="10000"/>
      <default><geom contype="0" conaffinity="0" mass="0"/>
        <joint type="slide" limited="true" solreffriction="{HARD}" solimpfriction="{AT_ONCE}"
          solreflimit="{HARD}" solimplimit="{AT_ONCE}"/></default>
      <worldbody>
        <geom name="ground" type="plane" size="0 0 1" zaxis="{_words(normal)}"
          pos="{_words(-POINT_M * normal)}"/>
        <body name="hull"><freejoint/>{_hull(mass, places_m[:legs])}
          {"".join(_ball(*each) for each in rest)}{feet}</body>
      </worldbody>
      <contact>{pairs}</contact></mujoco>"""


def _hull(mass, feet_m):
    """What is left of mass, centre and inertia when the pads are taken off."""
    total_kg, center_m = float(mass.mass_kg), np.asarray(mass.center_body_m)
    left_kg = total_kg - PAD_KG * len(feet_m)
    left_m = (total_kg * center_m - PAD_KG * np.sum(feet_m, axis=0)) / left_kg
    inertia = np.asarray(mass.inertia_kg_m2) - _carried(left_kg, left_m - center_m)
    inertia = inertia - sum(_carried(PAD_KG, foot - center_m) for foot in feet_m)
    terms = inertia[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]]
    return f'<inertial pos="{_words(left_m)}" mass="{left_kg}" fullinertia="{_words(terms)}"/>'


def _carried(mass_kg, arm_m):
    """Inertia of a mass about a point off it."""
    return mass_kg * (np.dot(arm_m, arm_m) * np.eye(3) - np.outer(arm_m, arm_m))


def _foot(contact, leg):
    """A pad at the end of its leg: a joint along each way that the leg gives way."""
    ends_m = np.asarray(contact.legs.stage_end_m[leg, :, :, -1])
    ways = np.asarray(contact.legs.crush_body_factor[leg])
    joints = "".join(
        f'<joint axis="{_words(way)}" range="{_words([-back_m, along_m])}" frictionloss="1"/>'
        for way, (along_m, back_m) in zip(ways, ends_m, strict=True)
    )
    place = _words(np.asarray(contact.position_body_m[leg]))
    heavy = f'<inertial pos="0 0 0" mass="{PAD_KG}" diaginertia="1e-4 1e-4 1e-4"/>'
    return f'<body pos="{place}">{joints}{heavy}{_ball(f"foot{leg}", np.zeros(3))}</body>'


def _ball(name, place_m):
    return f'<geom name="{name}" type="sphere" size="{POINT_M}" pos="{_words(place_m)}"/>'


def _words(values):
    return " ".join(f"{float(each):.12g}" for each in values)
