"""The share of right words by the reader's raw confidence, as knots.

Written by `python -m tests.bench.reading.calibrate --write`:
--count 32 --seed 0
fitted to: 24754 words, 337 of them wrong
  expected calibration error, equal width: 0.0103 raw, 0.0009 after
  expected calibration error, equal size: 0.0101 raw, 0.0006 after
  below 0.50: 0 words, 0 of them wrong
  below 0.80: 207 words, 81 of them wrong
  below 0.90: 785 words, 144 of them wrong
  below 0.95: 1845 words, 214 of them wrong
  raw below 0.80: 75 words, 35 wrong
checked on: 24996 words, 293 of them wrong
  expected calibration error, equal width: 0.0092 raw, 0.0013 after
  expected calibration error, equal size: 0.0091 raw, 0.0018 after
  below 0.50: 0 words, 0 of them wrong
  below 0.80: 143 words, 49 of them wrong
  below 0.90: 630 words, 127 of them wrong
  below 0.95: 1513 words, 180 of them wrong
  raw below 0.80: 42 words, 14 wrong
The other way round, and not kept:
checked on: 24754 words, 337 of them wrong
  expected calibration error, equal width: 0.0103 raw, 0.0023 after
  expected calibration error, equal size: 0.0101 raw, 0.0016 after
  below 0.50: 0 words, 0 of them wrong
  below 0.80: 322 words, 93 of them wrong
  below 0.90: 842 words, 150 of them wrong
  below 0.95: 1513 words, 195 of them wrong
  raw below 0.80: 75 words, 35 wrong
"""

KNOTS: tuple[tuple[float, float], ...] = (
    (0.700066, 0.54),
    (0.887327, 0.7),
    (0.921365, 0.84),
    (0.962642, 0.89),
    (0.985305, 0.91),
    (0.991931, 0.9483),
    (0.996307, 0.95),
    (0.997478, 0.96),
    (0.998624, 0.9789),
    (0.999418, 0.985),
    (0.999698, 0.99),
    (0.999794, 0.992),
    (0.99984, 0.993),
    (0.999872, 0.995),
    (0.999921, 0.9956),
    (0.999964, 0.9973),
    (0.999979, 0.9974),
    (0.999985, 0.9987),
    (0.999989, 0.9992),
    (0.999993, 1.0),
)
