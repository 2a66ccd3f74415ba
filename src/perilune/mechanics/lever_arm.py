"""What accelerometers off the centre of mass feel of a turning body."""

from jaxtyping import Array, Float

from perilune.mechanics.rotation import cross


def lever_increment_m_s(
    arm_body_m: Float[Array, "3"],
    mean_rate_rad_s: Float[Array, "3"],
    rate_change_rad_s: Float[Array, "3"],
    duration_s: Float[Array, ""],
) -> Float[Array, "3"]:
    """Velocity increment at the end of an arm, beyond that of the centre of mass, body axes, m/s.

    The integral of alpha x r + omega x (omega x r) over `duration_s`, of a constant arm r: exact
    in its first part, with the mean rate in its second, which leaves alpha^2 r t^3 / 12.
    """
    inward = cross(mean_rate_rad_s, cross(mean_rate_rad_s, arm_body_m))
    return cross(rate_change_rad_s, arm_body_m) + duration_s * inward
