"""Flies a mission as often as it takes, keeps a row of every flight, and says what they prove."""
