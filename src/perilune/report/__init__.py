"""Shows a judged flight: `result.json`, `telemetry.parquet` and one page a reviewer can read."""
