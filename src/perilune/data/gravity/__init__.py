"""Gravity fields: SHADR, ICGEM, GSFC and GMAT files, held against the Moon's own values."""
