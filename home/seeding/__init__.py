"""Demo data: the same town every time, so that pictures, tests and people see the same. Times follow the clock."""
