"""Says what the packaging library makes of texts: a JSON array of [kind, text] comes in, one of answers goes out."""

import json
import sys

from packaging.licenses import canonicalize_license_expression
from packaging.metadata import ExceptionGroup, Metadata
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename


def requirement(text):
    try:
        parsed = Requirement(text)
    except InvalidRequirement as error:
        return {"problem": str(error)}
    return {"name": parsed.name} if parsed.url is None else {"name": parsed.name, "url": parsed.url}


def specifier(text):
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


def license_expression(text):
    try:
        canonicalize_license_expression(text)
    except ValueError:
        return False
    return True


def wheel(text):
    try:
        name, version, _build, tags = parse_wheel_filename(text)
    except InvalidWheelFilename as error:
        return str(error)
    return {"name": name, "version": str(version), "platforms": sorted({tag.platform for tag in tags})}


def sdist(text):
    try:
        parse_sdist_filename(text)
    except InvalidSdistFilename:
        return False
    return True


def field(name, wrap):
    def message(text):
        raw = {"metadata_version": "2.5", "name": "demo", "version": "1", name: wrap(text)}
        try:
            Metadata.from_raw(raw)
        except ExceptionGroup as group:
            return str(group.exceptions[0])
        return None

    return message


def as_list(text):
    return [text]


kinds = {
    "requirement": requirement,
    "specifier": specifier,
    "license": license_expression,
    "wheel": wheel,
    "sdist": sdist,
    "repr": repr,
    "content-type": field("description_content_type", str),
    "license-file": field("license_files", as_list),
    "dynamic": field("dynamic", as_list),
    "import-name": field("import_names", as_list),
}

json.dump([kinds[kind](text) for kind, text in json.load(sys.stdin)], sys.stdout)
