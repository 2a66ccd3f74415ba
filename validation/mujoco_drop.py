"""Knows how a touchdown goes in MuJoCo, and calls its ending as ours is called."""

from dataclasses import dataclass

import numpy as np

from perilune.flight.lander_drop import (
    LONGEST_S,
    REST_RATE_RAD_S,
    REST_SPEED_M_S,
    REST_TIME_S,
    DropEnd,
)
from validation import mjcf

LOOK_S, TICK_S = 1e-3, 0.1
"""Loads and stages of struts are looked at once a millisecond, rest and tilt ten times a second."""
AWAY_M = 100.0


@dataclass(frozen=True)
class Ended:
    """How a touchdown ended; the stroke is the largest of any primary strut."""

    ending: int
    tilt_rad: float
    slid_m: float
    stroke_m: float
    peak_leg_load_n: float


class Struts:
    """What crushes, by how far it has: joints whose friction is the force of their stage."""

    def __init__(self, legs):
        self.ends_m, self.force_n = np.asarray(legs.stage_end_m), np.asarray(legs.crush_force_n)
        self.stroke_m = np.zeros(self.ends_m.shape[:-1])
        self.last_m = np.zeros(self.ends_m.shape[:2])

    def set(self, model, data):
        """A joint that gives way at C one way and T the other has friction (C + T)/2.

        And a steady push of (C - T)/2. What never gives way one way is at the end of its joint.
        """
        moved_m = data.qpos[7:].reshape(self.last_m.shape) - self.last_m
        self.last_m = self.last_m + moved_m
        self.stroke_m += np.maximum(np.stack([moved_m, -moved_m], axis=-1), 0.0)
        stage = np.sum(self.stroke_m[..., None] >= self.ends_m, axis=-1)
        stage = np.minimum(stage, self.ends_m.shape[-1] - 1)
        limit_n = np.take_along_axis(self.force_n, stage[..., None], axis=-1)[..., 0]
        both = self.ends_m[:, :, 1, -1] > 0.0
        back_n = np.where(both, limit_n[..., 1], limit_n[..., 0])
        model.dof_frictionloss[6:] = 0.5 * (limit_n[..., 0] + back_n).ravel()
        data.qfrc_applied[6:] = -0.5 * (limit_n[..., 0] - back_n).ravel()


class Fall:
    """One touchdown under way: from `start`, a TrueState just above the slope."""

    def __init__(self, case, mass, start, slope_rad):
        self.mujoco, self.limits = mjcf.library(), case.limits
        self.normal = np.array([np.sin(slope_rad), 0.0, np.cos(slope_rad)])
        self.center_m = np.asarray(mass.center_body_m)
        self.model = mjcf.model_of(case.vehicle, mass, slope_rad, float(case.limits.gravity_m_s2))
        self.data = self.mujoco.MjData(self.model)
        self.struts = Struts(case.vehicle.contact.legs)
        self.ultimate_n = np.asarray(case.vehicle.contact.legs.ultimate_load_n)
        self.load_n, self.broken = np.zeros(len(self.ultimate_n)), False
        self.touched = False
        names = mjcf.names_of(case.vehicle.contact)[: len(self.ultimate_n)]
        self.feet = [self.model.geom(name).id for name in names]
        self.model.geom_sameframe[self.feet] = 0
        self._place(start)
        self.first_m = self.center()[0]

    def _place(self, start):
        turn = np.zeros(9)
        self.mujoco.mju_quat2Mat(turn, start.inertial_from_body)
        turn = turn.reshape(3, 3)
        arm_m, rate = turn @ self.center_m, turn @ start.rate_body_rad_s
        self.data.qpos[:3] = start.position_inertial_m - arm_m
        self.data.qpos[3:7] = start.inertial_from_body
        self.data.qvel[:3] = start.velocity_inertial_m_s - np.cross(rate, arm_m)
        self.data.qvel[3:6] = start.rate_body_rad_s
        self.mujoco.mj_forward(self.model, self.data)

    def center(self):
        """Where the centre of mass is, its velocity, and the turning."""
        turn = self.data.xmat[1].reshape(3, 3)
        arm_m, rate = turn @ self.center_m, turn @ self.data.qvel[3:6]
        return self.data.qpos[:3] + arm_m, self.data.qvel[:3] + np.cross(rate, arm_m), rate

    def tilt_rad(self):
        """Between body z and the vertical."""
        axis = self.data.xmat[1].reshape(3, 3)[:, 2]
        return float(np.arctan2(np.hypot(axis[0], axis[1]), axis[2]))

    def look(self):
        """One millisecond on; legs that were loaded too much carry nothing from then on."""
        self.struts.set(self.model, self.data)
        self.mujoco.mj_step(self.model, self.data, round(LOOK_S / mjcf.STEP_S))
        self.mujoco.mj_rnePostConstraint(self.model, self.data)
        force_n = np.zeros(6)
        for at in range(self.data.ncon):
            self.mujoco.mj_contactForce(self.model, self.data, at, force_n)
            if force_n[0] > 0.0:
                self._felt(int(max(self.data.contact[at].geom)))

    def _felt(self, geom):
        self.touched = True
        if geom not in self.feet:
            self.broken = True
            return
        leg = self.feet.index(geom)
        load_n = np.linalg.norm(self.data.cfrc_int[self.model.geom_bodyid[geom], 3:])
        self.load_n[leg] = max(self.load_n[leg], load_n)
        if load_n > self.ultimate_n[leg]:
            self.broken = True
            self.model.geom_pos[geom, 2] = AWAY_M

    def calm(self):
        """Whether it hardly moves, on the ground."""
        _, speed_m_s, rate_rad_s = self.center()
        slow = np.linalg.norm(speed_m_s) < REST_SPEED_M_S
        return self.touched and slow and np.linalg.norm(rate_rad_s) < REST_RATE_RAD_S


def dropped(case, mass, start, slope_rad):
    """A touchdown to rest, over, or out of time."""
    fall, calm_s = Fall(case, mass, start, slope_rad), 0.0
    tip_rad = float(case.limits.tip_over_tilt_rad)
    for _ in range(round(LONGEST_S / TICK_S)):
        for _ in range(round(TICK_S / LOOK_S)):
            fall.look()
        calm_s = calm_s + TICK_S if fall.calm() else 0.0
        if calm_s > REST_TIME_S - 0.5 * TICK_S or not fall.tilt_rad() <= tip_rad:
            break
    way_m = fall.center()[0] - fall.first_m
    slid_m = float(np.linalg.norm(way_m - way_m @ fall.normal * fall.normal))
    resting = calm_s > REST_TIME_S - 0.5 * TICK_S and slid_m <= float(case.limits.slide_m)
    ending = DropEnd.SAFE if resting else DropEnd.SLID
    ending = DropEnd.BROKEN if fall.broken else ending
    ending = ending if fall.tilt_rad() <= tip_rad else DropEnd.TIPPED
    stroke_m = float(np.max(fall.struts.stroke_m[:, 0, 0]))
    return Ended(int(ending), fall.tilt_rad(), slid_m, stroke_m, float(np.max(fall.load_n)))
