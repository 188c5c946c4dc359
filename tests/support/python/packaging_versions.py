"""What `packaging` says about versions, as JSON on standard output.

usage: packaging_versions.py tables TEST_VERSION.PY   the tables of packaging's own test module
       packaging_versions.py read < ["1.0", ...]      normal form and parts of each text, null where invalid
       packaging_versions.py order < ["1.0", ...]     signs of the comparison of every text with every later one, row by row
"""

import importlib.util
import json
import sys
import types
import warnings

from packaging.version import InvalidVersion, Version

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)  # our numbers have no limit; packaging's are Python's
warnings.simplefilter("ignore")


def parts(version):
    return {
        "normal": str(version),
        "public": version.public,
        "base": version.base_version,
        "epoch": str(version.epoch),
        "release": [str(number) for number in version.release],
        "pre": None if version.pre is None else [version.pre[0], str(version.pre[1])],
        "post": None if version.post is None else str(version.post),
        "dev": None if version.dev is None else str(version.dev),
        "local": version.local,
        "prerelease": version.is_prerelease,
        "postrelease": version.is_postrelease,
        "devrelease": version.is_devrelease,
    }


def read(text):
    try:
        return parts(Version(text))
    except InvalidVersion:
        return None


def parametrized(function):
    """The rows that pytest.mark.parametrize hung on a test function."""
    (mark,) = [mark for mark in function.pytestmark if mark.name == "parametrize"]
    return [list(row) if isinstance(row, tuple) else row for row in mark.args[1]]


def jsonable(value):
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    return value.__name__  # an operator


def tables(path):
    sys.modules.setdefault("pretend", types.ModuleType("pretend"))  # only its import is needed
    specification = importlib.util.spec_from_file_location("test_version", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    names = {
        "invalid": "test_invalid_versions",
        "normalized": "test_normalized_versions",
        "str": "test_version_str_repr",
        "public": "test_version_public",
        "base": "test_version_base_version",
        "epoch": "test_version_epoch",
        "release": "test_version_release",
        "local": "test_version_local",
        "pre": "test_version_pre",
        "prerelease": "test_version_is_prerelease",
        "dev": "test_version_dev",
        "devrelease": "test_version_is_devrelease",
        "post": "test_version_post",
        "postrelease": "test_version_is_postrelease",
        "comparisonTrue": "test_comparison_true",
        "comparisonFalse": "test_comparison_false",
    }
    rows = {name: jsonable(parametrized(getattr(module.TestVersion, test))) for name, test in names.items()}
    return {"versions": module.VERSIONS, **rows}


def order(texts):
    versions = [Version(text) for text in texts]
    return [
        "".join("<" if a < b else ">" if a > b else "=" for b in versions[index + 1 :])
        for index, a in enumerate(versions)
    ]


if sys.argv[1] == "tables":
    answer = tables(sys.argv[2])
else:
    texts = json.load(sys.stdin)
    answer = [read(text) for text in texts] if sys.argv[1] == "read" else order(texts)
json.dump(answer, sys.stdout)
