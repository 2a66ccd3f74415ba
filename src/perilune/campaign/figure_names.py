"""Names of the figures of a flight in its row, in the order of their columns."""

FIGURES = (
    "contact_s",
    "vertical_speed_m_s",
    "horizontal_speed_m_s",
    "body_rate_deg_s",
    "tilt_at_contact_deg",
    "tilt_deg",
    "miss_m",
    "miss_east_m",
    "miss_north_m",
    "leg_stroke_m",
    "peak_leg_load_n",
    "secondary_stroke_m",
    "pad_sinkage_m",
    "broken_legs_count",
    "strike_n",
    "strike_x_m",
    "strike_y_m",
    "strike_z_m",
    "bell_clearance_m",
    "hull_contact_n",
    "bell_contact_n",
    "propellant_kg",
    "cold_gas_kg",
    "peak_thrust_fraction",
    "thrust_short_s",
    "torque_short_s",
    "height_error_100_m",
)
NOT_JUDGED = {
    *("contact_s", "miss_east_m", "miss_north_m", "peak_leg_load_n"),
    *("secondary_stroke_m", "pad_sinkage_m"),
    *("strike_n", "strike_x_m", "strike_y_m", "strike_z_m", "bell_clearance_m"),
}
JUDGED = tuple(name for name in FIGURES if name not in NOT_JUDGED)
"""What a touchdown is judged by and what is left."""
