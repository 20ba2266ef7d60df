#!/usr/bin/env python3
"""Writes bored_block.stl, binary: a block of 100 x 80 x 40 with a bore of radius 20 along the third coordinate.

    bored_block.py [FILE]"""
import math
import pathlib
import struct
import sys

SIZE, CENTER, RADIUS, SIDES = (100, 80, 40), (40, 40), 20, 64


def triangles():
    # Rings around the bore in equal angles: its wall, and the outline of the block, with the block's corners among them.
    corners = sorted(math.atan2(y - CENTER[1], x - CENTER[0]) for x in (0, SIZE[0]) for y in (0, SIZE[1]))
    angles = sorted({*(2 * math.pi * k / SIDES - math.pi for k in range(SIDES)), *corners})

    def outline(angle):
        c, s = math.cos(angle), math.sin(angle)
        ways = [(bound - middle) / part for part, middle, size in ((c, CENTER[0], SIZE[0]), (s, CENTER[1], SIZE[1]))
                for bound in (0, size) if abs(part) > 1e-12 and (bound - middle) / part > 0]
        return tuple(round(middle + min(ways) * part, 9) for middle, part in zip(CENTER, (c, s)))

    inner = [(CENTER[0] + RADIUS * math.cos(a), CENTER[1] + RADIUS * math.sin(a)) for a in angles]
    outer = [outline(a) for a in angles]
    for k in range(len(angles)):
        (a, b), (c, d) = inner[k - 1:k + 1] if k else (inner[-1], inner[0]), outer[k - 1:k + 1] if k else (outer[-1], outer[0])
        low, high = (lambda p: (*p, 0.0)), (lambda p: (*p, float(SIZE[2])))
        for one, two, three, four in ((high(a), high(c), high(d), high(b)), (low(a), low(b), low(d), low(c)),
                                      (low(c), low(d), high(d), high(c)), (low(b), low(a), high(a), high(b))):
            yield one, two, three
            yield one, three, four


path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_suffix(".stl")
facets = [struct.pack("<12fH", 0, 0, 0, *(x for corner in triangle for x in corner), 0) for triangle in triangles()]
path.write_bytes(b"jetpinn bored_block.py".ljust(80) + struct.pack("<I", len(facets)) + b"".join(facets))
