#!/usr/bin/env python3
"""Lists what could not run, from ctest's JUnit file: every line `not run: reason` of a test's output, and tests skipped without one."""
import sys
import xml.etree.ElementTree

found = []
for test in xml.etree.ElementTree.parse(sys.argv[1]).iter("testcase"):
    output = test.findtext("system-out") or ""
    reasons = {line.partition("not run: ")[2].strip() for line in output.splitlines() if "not run: " in line}
    if not reasons and test.get("status") == "notrun":
        reasons = {"no reason given"}
    found += [f"not run: {test.get('name')}: {reason}" for reason in sorted(reasons)]
print("\n".join(found))
