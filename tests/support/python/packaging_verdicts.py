"""Says what PyPI's libraries think of texts: reads JSON from standard input, writes JSON to standard output.

Input: {"requirement": [...], "specifiers": [...], "license": [...], "content-type": [...], "wheel": [...],
"name": [...], "uri": [...], "email": [...], "metadata": [base64, ...]}. Output: the same keys; true or false for each text, and for each metadata
file its parsed fields by header name, with those that could not be parsed.
"""

import base64
import email.utils
import json
import sys

from email_validator import validate_email
from packaging.licenses import canonicalize_license_expression
from packaging.metadata import _RAW_TO_EMAIL_MAPPING, Metadata, parse_email
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename
from rfc3986 import uri_reference, validators


def content_type(text):
    start = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
    Metadata.from_email(f"{start}Description-Content-Type: {text}\n")


def uri(text):
    """`is_valid_uri` of pypi/warehouse, as it checks links."""
    validator = validators.Validator().allow_schemes("http", "https").require_presence_of("scheme")
    validator.check_validity_of("scheme", "host", "port", "path", "query")
    validator.validate(uri_reference(text).normalize())


def address(text):
    _, found = email.utils.parseaddr(text)
    if found:
        validate_email(found, check_deliverability=False)


def accepts(check):
    def verdict(text):
        try:
            check(text)
        except Exception:
            return False
        return True

    return verdict


def metadata(encoded):
    raw, unparsed = parse_email(base64.b64decode(encoded))
    fields = {}
    for key, value in raw.items():
        if isinstance(value, dict):
            value = [f"{label}, {url}" for label, url in value.items()]
        elif key == "keywords":
            value = [", ".join(value)]
        elif isinstance(value, str):
            value = [value]
        fields[_RAW_TO_EMAIL_MAPPING[key]] = value
    return {"fields": fields, "unparsed": sorted(unparsed)}


checks = {
    "requirement": accepts(Requirement),
    "specifiers": accepts(SpecifierSet),
    "license": accepts(canonicalize_license_expression),
    "content-type": accepts(content_type),
    "wheel": accepts(parse_wheel_filename),
    "name": accepts(lambda text: canonicalize_name(text, validate=True)),
    "uri": accepts(uri),
    "email": accepts(address),
    "metadata": metadata,
}

given = json.load(sys.stdin)
json.dump({key: [checks[key](text) for text in texts] for key, texts in given.items()}, sys.stdout)
