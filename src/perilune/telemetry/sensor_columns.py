"""What each sensor read, whether it was good, and what the filter made of it, as columns."""

import numpy as np

BEAMS = ("canted", "axial")
SPEEDS = ("1", "2", "3")
TRACK = ("along", "cross")
TRACKER_AXES = ("cross_1", "cross_2", "roll")
# Where each sensor's scalars are in what the filter judges once a cycle.
ALTIMETER, VELOCIMETER, CAMERA = 0, slice(1, 4), slice(4, 6)


def sensor_columns(rows):
    """Name → column, (n,), of `Rows`; flags are 1, 0, or not-a-number where nothing was asked.

    Cycle sensors stand at the tick that ends their cycle, the star tracker at that of its frame.
    What a reading that is not good says is left out.
    """
    return _altimeter(rows) | _velocimeter(rows) | _camera(rows) | _star_tracker(rows)


def _altimeter(rows):
    """One beam is in use at a time; the other's columns are empty then."""
    readings, results, _ = rows.cycles
    reading, columns = readings.altimeter, {}
    for index, beam in enumerate(BEAMS):
        mine = reading.beam == index
        good = reading.valid & mine
        columns |= {
            f"altimeter_{beam}_range_m": _at_cycles(rows, reading.range_m, good),
            f"altimeter_{beam}_valid": _at_cycles(rows, reading.valid, mine),
            f"altimeter_{beam}_used": _at_cycles(rows, results.used[:, ALTIMETER], mine),
            f"altimeter_{beam}_innovation_m": _at_cycles(
                rows, results.innovation[:, ALTIMETER], good
            ),
            f"altimeter_{beam}_gate_m": _at_cycles(rows, results.gate[:, ALTIMETER], good),
        }
    return columns


def _velocimeter(rows):
    readings, results, _ = rows.cycles
    reading, columns = readings.velocimeter, {}
    rows_of_beam = range(*VELOCIMETER.indices(results.used.shape[-1]))
    for index, (beam, place) in enumerate(zip(SPEEDS, rows_of_beam, strict=True)):
        good = reading.valid[:, index]
        every = np.ones_like(good)
        stem = f"velocimeter_{beam}"
        columns |= {
            f"{stem}_speed_m_s": _at_cycles(rows, reading.closing_speed_m_s[:, index], good),
            f"{stem}_valid": _at_cycles(rows, good, every),
            f"{stem}_used": _at_cycles(rows, results.used[:, place], every),
            f"{stem}_innovation_m_s": _at_cycles(rows, results.innovation[:, place], good),
            f"{stem}_gate_m_s": _at_cycles(rows, results.gate[:, place], good),
        }
    return columns


def _camera(rows):
    readings, results, _ = rows.cycles
    good, used = readings.camera.valid, results.used[:, CAMERA].any(axis=-1)
    every = np.ones_like(good)
    columns = {
        "camera_valid": _at_cycles(rows, good, every),
        "camera_used": _at_cycles(rows, used, every),
    }
    for index, part in enumerate(TRACK):
        innovation, gate = results.innovation[:, CAMERA], results.gate[:, CAMERA]
        columns[f"camera_{part}_innovation_m"] = _at_cycles(rows, innovation[:, index], good)
        columns[f"camera_{part}_gate_m"] = _at_cycles(rows, gate[:, index], good)
    return columns


def _star_tracker(rows):
    valid, results = rows.frames
    columns = {"star_tracker_valid": _at(rows, rows.frame_rows, valid, np.ones_like(valid))}
    for index, axis in enumerate(TRACKER_AXES):
        stem = f"star_tracker_{axis}"
        innovation, gate = (np.degrees(x[:, index]) for x in (results.innovation, results.gate))
        columns[f"{stem}_innovation_deg"] = _at(rows, rows.frame_rows, innovation, valid)
        columns[f"{stem}_gate_deg"] = _at(rows, rows.frame_rows, gate, valid)
    return columns


def _at_cycles(rows, values, known):
    return _at(rows, rows.cycle_rows, values, known)


def _at(rows, places, values, known):
    """A column with `values` at some rows where they are known, not-a-number elsewhere."""
    column = np.full(len(rows.time_s), np.nan)
    column[places] = np.where(known, values, np.nan)
    return column
