"""GeoTIFF and `.npz` maps in every convention give the closed-form ground, or are refused."""

import json
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import Affine

from tests.fuzz.ground import (
    assert_refused_or_lunar,
    broken,
    edits,
    ground_m,
)
from tests.fuzz.stored_numbers import (
    LONGLAT,
    META,
    angles,
    centres,
    write_tif,
)


def small_files():
    """Whole files of a few pixels, by name, in bytes."""
    layout = SimpleNamespace(
        crs=LONGLAT, transform=Affine(1.0, 0.0, 20.0, 0.0, -1.0, 10.0), shape=(12, 16)
    )
    heights_m = ground_m(*angles(layout, centres(layout)))
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, kind, options in (
            ("plain.tif", "<i2", {}),
            ("deflate.tif", "<f4", {"compress": "deflate"}),
            ("tiles.tif", "<f4", {"tiled": True, "blockxsize": 16, "blockysize": 16}),
            ("big.tif", "<f8", {"BIGTIFF": "YES", "ENDIANNESS": "BIG"}),
        ):
            more = {"empty": np.zeros(layout.shape, bool), "options": options, "point": "Area"}
            number = SimpleNamespace(unit="metre", scale=1.0, offset=0.0)
            write_tif(
                Path(folder, name), heights_m.astype(kind), layout, number, more | {"hiding": ""}
            )
        axes = {"lat_deg": 9.5 - np.arange(12.0), "lon_deg": 20.5 + np.arange(16.0)}
        meta = json.dumps(META)
        np.savez(Path(folder, "plain.npz"), height_m=heights_m, meta=meta, **axes)
        np.savez_compressed(Path(folder, "packed.npz"), height_m=heights_m, meta=meta, **axes)
        for each in Path(folder).iterdir():
            found[each.name] = each.read_bytes()
    return found


WHOLE = small_files()


@given(name=st.sampled_from(sorted(WHOLE)), changes=edits)
def test_a_map_with_broken_bytes_is_refused_in_a_sentence_or_lunar(name, changes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(broken(WHOLE[name], changes))
        assert_refused_or_lunar(path)


def test_whole_small_files_are_read():
    with tempfile.TemporaryDirectory() as folder:
        for name, whole in WHOLE.items():
            Path(folder, name).write_bytes(whole)
            assert assert_refused_or_lunar(Path(folder, name))
