"""The statistics: numbers in, a frozen dataclass out. No files, no clock, no global state."""
