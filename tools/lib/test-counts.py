#!/usr/bin/env python3
"""Counts the tests in an xUnit file: prints "PASSED FAILED SKIPPED", then one line for each skip with its reason.

usage: tools/lib/test-counts.py FILE.xml [LOG]

The file of swift-testing does not say why a test was skipped; the log of the run does.
"""

import re
import sys
import xml.etree.ElementTree

cases = list(xml.etree.ElementTree.parse(sys.argv[1]).iter("testcase"))
failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
skipped = [case for case in cases if case.find("skipped") is not None]
print(len(cases) - len(failed) - len(skipped), len(failed), len(skipped))

log = open(sys.argv[2], errors="replace").read() if len(sys.argv) > 2 else ""
reasons = re.findall(r"^\S+ (?:Test|Suite) (.+?) skipped(?:: \"?(.*?)\"?)?$", log, re.MULTILINE)
for name, reason in dict.fromkeys(reasons):
    print(f"{name}: {reason or 'no reason given'}")
