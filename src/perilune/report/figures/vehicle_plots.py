"""Figures of what the lander did: attitude, throttle, engines, tanks, and how it landed."""

import numpy as np
from jaxtyping import Float

from perilune.report.figures.axes import limit_line, time_axis
from perilune.report.figures.contact_plots import body_rates, contact_figures
from perilune.report.figures.engine_plots import engine_figures
from perilune.report.figures.figure import Figure, Row, Words, line, stack
from perilune.report.record import Record, has, limit, powered_span_s, since_pdi_s


def vehicle_figures(record: Record) -> list[Figure]:
    """Tilt and rates, throttle, engines, tanks, and the contact where there was one."""
    figures = [attitude(record), throttle(record), *engine_figures(record), tanks(record)]
    return [*figures, *contact_figures(record)]


def attitude(record: Record) -> Figure:
    """Tilt from vertical and the body rates."""
    time_s = since_pdi_s(record)
    tilt = line(time_s, record["tilt_deg"], "tilt", "--blue")
    flying = record["time_s"] <= (np.inf if record.contact_s is None else record.contact_s)
    rates = body_rates(record, time_s, flying)
    most = limit(record, "body_rate_deg_s")
    rate_limits = () if most is None else ((most, f"limit at contact ±{most:g}°/s"), (-most, ""))
    return stack(
        Words(
            "attitude",
            "Tilt and body rates",
            "Tilt of the body axis from local vertical; its limit applies at rest. During "
            "braking the axis is near horizontal, pitch-over brings it upright. Rates are "
            "drawn up to first contact; later ones are in the figure of the settling.",
        ),
        time_axis(record),
        [
            Row(
                "tilt, °",
                (tilt,),
                lines=limit_line(limit(record, "tilt_deg"), "limit at rest {:g}°"),
            ),
            Row("rate, °/s", rates, lines=rate_limits),
        ],
    )


def throttle(record: Record) -> Figure:
    """Commanded throttle, the thrust that came, and the band the engine cannot reach."""
    time_s = since_pdi_s(record)
    traces: tuple[dict, ...] = (line(time_s, record["throttle"], "commanded", "--blue"),)
    full_n = limit(record, "full_thrust_n")
    if full_n is not None and has(record, "thrust_n"):
        traces += (line(time_s, record["thrust_n"] / full_n, "true thrust", "--orange", "dash"),)
    floor = record.extras.get("throttle_floor")
    bands = () if not floor else ((0.0, floor, "below the floor: off, or not reachable"),)
    planned = limit(record, "planned_thrust_fraction")
    return stack(
        Words(
            "throttle",
            "Throttle",
            "Fraction of full thrust. Thrust above the planned peak is the reserve of "
            "closed-loop guidance. Below the minimum throttle the engine can only be off.",
        ),
        time_axis(record),
        [
            Row(
                "fraction of full thrust",
                traces,
                bands=bands,
                span=(-0.03, 1.08),
                lines=((1.0, "full"), *limit_line(planned, "planned peak {:g}")),
            )
        ],
    )


def tanks(record: Record) -> Figure:
    """What was left in the tanks; of cold gas where the lander carries any."""
    time_s = since_pdi_s(record)
    kinds = [("propellant", "propellant_kg", "--blue"), ("cold gas", "cold_gas_kg", "--orange")]
    held = [each for each in kinds if np.nanmax(record[each[1]], initial=0.0) > 0.0] or kinds[:1]
    return stack(
        Words(
            "tanks",
            " and ".join(name for name, _, _ in held).capitalize(),
            "True mass left in the tanks.",
        ),
        time_axis(record),
        [
            Row(
                f"{name}, kg",
                (line(time_s, record[column], name, colour),),
                span=_from_zero(record, column, time_s),
            )
            for name, column, colour in held
        ],
    )


def _from_zero(record: Record, name: str, time_s: Float[np.ndarray, " row"]) -> tuple[float, float]:
    """From empty to what was there when the drawn span begins."""
    drawn = np.nan_to_num(record[name][time_s >= powered_span_s(record)[0]])
    return 0.0, max(1.05 * float(drawn.max()), 0.1)
