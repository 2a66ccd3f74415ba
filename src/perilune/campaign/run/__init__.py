"""Flies a campaign: what was asked, batches, workers, and the folder that rows are kept in."""
