import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readMixExs } from '../../shared/hex/mix-exs.ts'
import { errorCode } from '../../shared/http-failure.ts'
import { readMixProject } from '../mix-project.ts'
import { projectFiles, readProject } from '../project.ts'
import { checkShippedDependencies } from '../shipped-dependencies.ts'
import type { Tarball } from '../tarball.ts'
import type { Findings } from './findings.ts'
import type { Inputs } from './inputs.ts'

/** What the project says of the organization; `name` is absent for the public repository. */
export interface ProjectOrganization {
  readonly name: string | undefined
  readonly file: string
}

/**
 * What mix.exs says of the organization, whichever tool builds. Only Mix has a setting for it: that there is none says
 * something only where Mix builds. A project that is not there, in a job without a checkout, says nothing.
 */
export function readProjectOrganization(inputs: Inputs, findings: Findings): ProjectOrganization | undefined {
  const { folder, shownFolder, source } = inputs
  const { tool } = readProject(folder, shownFolder, source.kind === 'project' ? source.tool : 'auto')
  const file = mixExsName(inputs)
  const text = readMixExsText(inputs)
  if (text === undefined) {
    if (tool === undefined) {
      findings.notChecked.push(
        `whether the project means the same organization: there is no ${file} in this job, and a tarball does not say it`
      )
    }
    return undefined
  }
  const { organization, umbrella } = readMixProject(text)
  if (organization === 'not checked') {
    findings.notChecked.push(`whether ${file} means the same organization: it computes that, and is not run for it`)
    return undefined
  }
  if (organization !== undefined) return { name: organization, file }
  if (umbrella) {
    findings.notChecked.push(`whether the project means the same organization: ${file} is that of an ${elsewhere}`)
    return undefined
  }
  return tool === 'mix' ? { name: undefined, file } : undefined
}

const elsewhere = 'umbrella; input path names the folder of the package'

/** Whether everything that the package requires was tested as Hex has it, as far as mix.exs tells. */
export function checkDependencies(inputs: Inputs, { metadata }: Tarball, findings: Findings): void {
  if (!metadata.buildTools.includes('mix')) return
  const file = mixExsName(inputs)
  const text = readMixExsText(inputs)
  const unchecked = (why: string): void => {
    findings.notChecked.push(`whether all dependencies come from Hex: ${why}`)
  }
  if (text === undefined) {
    unchecked(`there is no ${file} in this job, and a tarball does not say it`)
    return
  }
  const read = readMixExs(text, file)
  if ('problems' in read) {
    unchecked(read.problems.map(({ message }) => message).join(' '))
    return
  }
  const { app, appsPath } = read.mixExs
  if (appsPath !== 'not given') {
    unchecked(`${file} is that of an ${elsewhere}`)
    return
  }
  if (typeof app === 'object' && metadata.app !== undefined && app.text !== metadata.app) {
    unchecked(`${file} is that of ${app.text}; input path names the folder of the package`)
    return
  }
  const { problems, notChecked } = checkShippedDependencies(read.mixExs, file)
  findings.problems.push(...problems)
  findings.notChecked.push(...notChecked)
}

function mixExsName({ shownFolder }: Inputs): string {
  return shownFolder === '.' ? projectFiles.mix : `${shownFolder}/${projectFiles.mix}`
}

function readMixExsText({ folder }: Inputs): string | undefined {
  try {
    return readFileSync(join(folder, projectFiles.mix), 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error))) return undefined
    throw error
  }
}
