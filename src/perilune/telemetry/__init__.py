"""The telemetry of one flight: its columns, and the table that is written."""
