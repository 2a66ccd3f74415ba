"""A PDS3 label of a map in degrees, and the same label with other values."""

import re

LABEL = """PDS_VERSION_ID = PDS3
RECORD_TYPE = FIXED_LENGTH
RECORD_BYTES = 800
^IMAGE = "M.IMG"
DATA_SET_ID = "MADE-FOR-A-TEST"
OBJECT = IMAGE
  LINES = 200
  LINE_SAMPLES = 200
  SAMPLE_TYPE = PC_REAL
  SAMPLE_BITS = 32
  UNIT = METER
  SCALING_FACTOR = 1.0
  OFFSET = 1737400.
END_OBJECT = IMAGE
OBJECT = IMAGE_MAP_PROJECTION
  MAP_PROJECTION_TYPE = "SIMPLE CYLINDRICAL"
  A_AXIS_RADIUS = 1737.4 <KM>
  MAP_RESOLUTION = 10 <PIX/DEG>
  CENTER_LATITUDE = 0.0 <DEG>
  CENTER_LONGITUDE = 0 <DEG>
  LINE_PROJECTION_OFFSET = 99.5
  SAMPLE_PROJECTION_OFFSET = -200.5
  MAP_PROJECTION_ROTATION = 0.0
  POSITIVE_LONGITUDE_DIRECTION = "EAST"
END_OBJECT = IMAGE_MAP_PROJECTION
END
"""


def changed(**values):
    """The label with other values; a key that it lacks is put into the image's object."""
    label = LABEL
    for key, value in values.items():
        name = key.replace("POINTER", r"\^IMAGE")
        label, count = re.subn(rf"(?m)^( *{name} = ).*$", rf"\g<1>{value}", label)
        if not count:
            label = label.replace(
                "END_OBJECT = IMAGE\n", f"  {key} = {value}\nEND_OBJECT = IMAGE\n"
            )
    return label
