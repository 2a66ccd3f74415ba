"""Height maps: GeoTIFF, PDS3, PDS4 and the project's own .npz, each as a grid of pixels."""
