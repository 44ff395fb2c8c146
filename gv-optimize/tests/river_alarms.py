"""Prints River's alarms on the streams it is given: one line `detector index index ...` a stream and detector.

Standard input holds one stream a line, numbers separated by spaces.
"""

import sys

from river import drift

for line in sys.stdin:
    stream = [float(number) for number in line.split()]
    detectors = {
        "hddm_a": drift.binary.HDDMA(),
        "page_hinkley": drift.PageHinkley(),
        "adwin": drift.ADWIN(),
    }
    for name, detector in detectors.items():
        alarms = []
        for index, number in enumerate(stream):
            detector.update(number)
            if detector.drift_detected:
                alarms.append(str(index))
        print(name, *alarms)
