"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
import random
from pathlib import Path

random.seed(7)


def write(name, time):
    hour, minute = divmod(time, 60)
    angle = abs(time % 720 - 12 * minute)
    Path(f"data/{name}.in").write_text(f"{hour:02}:{minute:02}\n")
    Path(f"data/{name}.ans").write_text(f"{min(angle, 720 - angle)}\n")


write("sample/1", 3 * 60)
write("sample/2", 21 * 60 + 30)
# The first minute after midnight and the last before it, hours and minutes with an 8 or a 9, the rest at random.
times = [0, 1439, 12 * 60, 8 * 60 + 8, 9 * 60 + 9, 6 * 60, 18 * 60, 12 * 60 + 59]
others = [time for time in range(60, 1439) if time not in times and time // 60 != 12]
times += random.sample(others, 98 - len(times))
for number, time in enumerate(times, start=1):
    write(f"secret/{number:02}", time)
