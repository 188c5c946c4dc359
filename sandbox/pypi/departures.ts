/** Where this index is not like the real ones; docs/sandbox-pypi.md shows the table. */
export interface Departure {
  readonly subject: string
  readonly real: string
  readonly here: string
  /** What the real behaviour is known from. */
  readonly source: string
}

const warehouse = 'https://github.com/pypi/warehouse/blob/main/warehouse'

export const departures: readonly Departure[] = [
  {
    subject: 'Description',
    real: 'rendered; reStructuredText with an error in it is refused with 400',
    here: 'never rendered, so never refused',
    source: `${warehouse}/forklift/legacy.py (file_upload, "Render our description")`
  },
  {
    subject: 'Classifiers',
    real: 'must be in the trove list and not deprecated',
    here: 'must begin with a family of that list; the rest of the list is not held',
    source: `${warehouse}/forklift/metadata.py (_validate_metadata)`
  },
  {
    subject: 'Mail addresses',
    real: 'checked by email-validator, with its words',
    here: 'checked by their form; the words after "is not a valid email address:" are our own',
    source: `${warehouse}/forklift/metadata.py (_validate_metadata)`
  },
  {
    subject: 'Content types with a broken parameter',
    real: "refused with the words of Python's email parser behind the colon",
    here: 'refused without them',
    source: 'https://github.com/pypa/packaging/blob/main/src/packaging/metadata.py (_process_description_content_type)'
  },
  {
    subject: 'SPDX identifiers',
    real: "the list in PyPI's copy of the packaging library",
    here: 'the list of the spdx-license-ids package, which is newer, and the exceptions of list 3.27',
    source: 'https://github.com/pypa/packaging/blob/main/src/packaging/licenses/_spdx.py'
  },
  {
    subject: 'Malware scan',
    real: 'the members of an archive are matched against YARA rules',
    here: 'not scanned',
    source: `${warehouse}/utils/scanner.py`
  },
  {
    subject: 'Attestations',
    real: 'verified with Sigstore: certificate, identity, log entry, signature',
    here: 'only their form, file name, digest and predicate type are checked; they are kept and shown',
    source: `${warehouse}/attestations/services.py (parse_attestations)`
  },
  {
    subject: 'RECORD of a wheel',
    real: 'a mismatch with the archive writes to the owners; a RECORD that is no CSV is refused',
    here: 'must be there and be UTF-8',
    source: `${warehouse}/utils/wheel.py (_validate_record)`
  },
  {
    subject: 'Accounts',
    real: 'verified mail and two-factor authentication are demanded, roles and organisations grant access',
    here: 'a token has a user, who owns the projects the user created; no mail is ever sent',
    source: `${warehouse}/forklift/legacy.py (_ensure_user_can_upload)`
  },
  {
    subject: 'Prohibited project names',
    real: "an administrators' list, and a limit on new projects (429)",
    here: 'names of the standard library, existing and look-alike names only; no limit',
    source: `${warehouse}/packaging/services.py (check_project_name)`
  },
  {
    subject: 'Trusted publishers',
    real: 'GitHub, GitLab, Google, ActiveState and others, each registered for a project',
    here: 'GitHub only; one registered without a project serves any, and may create it',
    source: `${warehouse}/oidc/models/github.py`
  },
  {
    subject: 'The wording of an invalid-payload for a request body',
    real: "Pydantic's, with a link and the position of the fault",
    here: 'the same shape in fewer words',
    source: `${warehouse}/oidc/views.py (TokenPayload)`
  },
  {
    subject: 'Burning a token',
    real: 'accepted since 2026-08; the body of the answer is not known to us',
    here: '202 {"message": "Accepted"} for any token, as uv expects',
    source: 'https://github.com/pypi/warehouse/pull/20197'
  },
  {
    subject: 'API tokens',
    real: 'macaroons, which their holder may restrict further',
    here: 'known or not known; minted ones only look like macaroons',
    source: `${warehouse}/macaroons/caveats/__init__.py`
  },
  {
    subject: 'HTTP',
    real: 'a content delivery network: cached reads lag behind uploads, HTTP/2 without reason phrases, range requests',
    here: 'HTTP/1.1, reads see every upload at once unless a stale-read fault is asked for, whole files only',
    source: 'https://docs.pypi.org/api/'
  },
  {
    subject: 'Other interfaces',
    real: 'XML-RPC, RSS, statistics, the web interface, upload without :action=file_upload',
    here: 'none; a project has one plain page',
    source: 'https://docs.pypi.org/api/'
  }
]
