"""Gravity fields: SHADR, ICGEM, GSFC and GMAT files, checked against the Moon's own values."""
