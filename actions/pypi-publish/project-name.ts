/** A project name as core metadata allows it (PyPA "Names and normalization"): ASCII, one character at least. */
export function isProjectName(name: string): boolean {
  return /^(?:[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9])$/i.test(name) && !name.includes('\n')
}

/** The name that indexes compare and put into URLs: `Demo.Pkg_x` → `demo-pkg-x` (PEP 503). */
export function normalizeName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}

/** The name as it stands in file names: `Demo.Pkg_x` → `demo_pkg_x` (PEP 625, binary distribution format). */
export function fileNameOf(name: string): string {
  return normalizeName(name).replaceAll('-', '_')
}

/**
 * The name as upload clients send it: `Demo.Pkg_x` → `Demo.Pkg-x`. PyPI shows a project under the name of its last
 * upload, so the case is kept (pypa/twine `_safe_name`, pypa/twine#743).
 */
export function uploadName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9.]+/g, '-')
}
