"""Made-up ground and how a GeoTIFF of it is written."""

import numpy as np
import pyproj
import rasterio
from rasterio.transform import Affine

from perilune.data.maps.map_files import open_source

DEGREES = "+proj=longlat +R=1737400 +no_defs"


TENTH = Affine(0.1, 0.0, 20.0, 0.0, -0.1, 10.0)


PLACES = np.radians([[3.3, -4.2], [25.7, 33.3]])


def ground_m(latitude_rad, longitude_rad):
    """Smooth ground of a kilometre, the same at every turn of longitude."""
    return 1_000.0 + 800.0 * np.sin(3.0 * latitude_rad) * np.cos(2.0 * longitude_rad)


def pixels_m(crs, transform, shape):
    """The ground at pixel centres, by PROJ's own inverse."""
    rows, columns = np.meshgrid(*[np.arange(n) + 0.5 for n in shape], indexing="ij")
    x = transform.a * columns + transform.b * rows + transform.c
    y = transform.d * columns + transform.e * rows + transform.f
    crs = pyproj.CRS.from_user_input(crs)
    lonlat = pyproj.CRS.from_user_input(DEGREES)
    lon_deg, lat_deg = pyproj.Transformer.from_crs(crs, lonlat, always_xy=True).transform(x, y)
    return ground_m(np.radians(lat_deg), np.radians(lon_deg))


def write(path, values, crs=DEGREES, transform=TENTH, **more):
    unit, scale, offset = (more.pop(each, None) for each in ("unit", "scale", "offset"))
    mask, tags = more.pop("mask", None), more.pop("tags", {})
    kind = {"height": values.shape[-2], "width": values.shape[-1], "dtype": values.dtype}
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(
            path, "w", driver="GTiff", crs=crs, transform=transform, count=1, **kind, **more
        ) as file,
    ):
        file.update_tags(**tags)
        file.write(values, 1)
        if unit is not None:
            file.units = (unit,)
        if scale is not None:
            file.scales = (scale,)
        if offset is not None:
            file.offsets = (offset,)
        if mask is not None:
            file.write_mask(mask)
    return path


def square(dtype="float32"):
    return pixels_m(DEGREES, TENTH, (200, 200)).astype(dtype)


def assert_ground(path, atol=0.02, places=PLACES):
    np.testing.assert_allclose(open_source(path).sample(*places), ground_m(*places), atol=atol)
