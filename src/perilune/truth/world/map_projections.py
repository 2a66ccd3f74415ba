"""Where a latitude and longitude fall among the pixels of a map: cylindrical and polar."""

import numpy as np


def pixel_from_angles(north_deg, west_deg, per_degree, column_count, latitude_rad, longitude_rad):
    """Row and column in a grid of equal angles whose first pixel centre is at (north, west).

    Longitudes are taken on the turn that is centred on the map.
    """
    middle_deg = west_deg + 0.5 * (column_count - 1) / per_degree
    east_deg = (np.degrees(longitude_rad) - middle_deg + 180.0) % 360.0 - 180.0
    row = (north_deg - np.degrees(latitude_rad)) * per_degree
    return row, east_deg * per_degree + 0.5 * (column_count - 1)


def pixel_from_polar(pole, radius_m, centre_pixel, step_m, latitude_rad, longitude_rad):
    """Row and column in a polar stereographic grid, true at the pole (+1 north, -1 south).

    `centre_pixel` is the pole's fractional (row, column). x is east of longitude 90 E; y points to
    longitude 0 in the south and to 180 in the north (Snyder 1987, equations 21-5 to 21-12).
    """
    distance_m = 2.0 * radius_m * np.tan(0.25 * np.pi - 0.5 * pole * latitude_rad)
    x_m, y_m = distance_m * np.sin(longitude_rad), -pole * distance_m * np.cos(longitude_rad)
    return centre_pixel[0] - y_m / step_m, centre_pixel[1] + x_m / step_m
