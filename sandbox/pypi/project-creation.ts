import { UploadRefused } from './answers.ts'
import type { HelpPages } from './authentication.ts'
import { pythonRepr } from './python-repr.ts'
import { addProject, findProject, normalizeName, type ProjectRecord, type Registry } from './registry.ts'
import { isStandardLibraryName } from './standard-library.ts'
import { projectName } from './upload-form.ts'

/**
 * Creates a project, when the name is free (warehouse/packaging/services.py, `check_project_name`).
 *
 * @throws UploadRefused
 */
export function createProject(
  registry: Registry,
  name: string,
  owners: readonly string[],
  pages: HelpPages
): ProjectRecord {
  const see = `See ${pages.help('project-name')} for more information.`
  if (!projectName.test(name)) throw new UploadRefused(400, `The name ${pythonRepr(name)} is invalid.`)
  if (isStandardLibraryName(normalizeName(name)))
    throw new UploadRefused(
      400,
      `The name ${pythonRepr(name)} isn't allowed (conflict with Python Standard Library module name). ${see}`
    )
  if (findProject(registry, name) !== undefined)
    throw new UploadRefused(409, `The name ${pythonRepr(name)} conflicts with an existing project. ${see}`)
  const confusable = ultranormalize(name)
  if (registry.projects.some((project) => ultranormalize(project.name) === confusable))
    throw new UploadRefused(400, `The name ${pythonRepr(name)} is too similar to an existing project. ${see}`)
  return addProject(registry, name, owners)
}

/** Names that look alike: no separators, l and i as 1, o as 0 (PyPI's database function of that name). */
function ultranormalize(name: string): string {
  return name.toLowerCase().replaceAll(/[._-]/g, '').replaceAll(/[li]/g, '1').replaceAll('o', '0')
}
