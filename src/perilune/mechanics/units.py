"""The unit a name ends in: `velocity_site_m_s` is in m/s, and `tilt_deg` in degrees."""

UNITS = {
    "m": "m",
    "m2": "m**2",
    "m3": "m**3",
    "s": "s",
    "kg": "kg",
    "n": "N",
    "n_m": "N*m",
    "hz": "Hz",
    "j": "J",
    "deg": "deg",
    "rad": "rad",
    "deg_s": "deg/s",
    "rad_s": "rad/s",
    "rad_s2": "rad/s**2",
    "m_s": "m/s",
    "m_s2": "m/s**2",
    "kg_s": "kg/s",
    "kg_m2": "kg*m**2",
    "kg_m3": "kg/m**3",
    "m3_s2": "m**3/s**2",
    "n_per_m": "N/m",
    "n_s_per_m": "N*s/m",
    "rad_per_sqrt_s": "rad/s**0.5",
    "m_s_per_sqrt_s": "m/s**1.5",
    "fraction": "",
    "factor": "",
    "count": "",
}

_LONGEST_FIRST = sorted(UNITS, key=len, reverse=True)


def suffix_of(name):
    """The unit suffix of a name without its underscore, or None where it has none."""
    for suffix in _LONGEST_FIRST:
        if name == suffix and not UNITS[suffix]:
            return suffix
        if name.endswith("_" + suffix):
            return suffix
    return None


def unit_of(name):
    """The unit, as pint spells it, that a name ends in; "" for `_fraction`, `_factor`, `_count`.

    Raises LookupError for a name that names no unit.
    """
    suffix = suffix_of(name)
    if suffix is None:
        raise LookupError(f"`{name}` names no unit; end it in one of {', '.join(UNITS)}.")
    return UNITS[suffix]


def bare_name(name):
    """The name without its unit: `max_thrust_n` is `max_thrust`; `friction_factor` stays."""
    suffix = suffix_of(name)
    if suffix is None or not UNITS[suffix]:
        return name
    return name[: -len(suffix) - 1]
