import type { Proof } from '../../shared/hex/dependency-proofs.ts'
import type { Problem } from '../../shared/problem.ts'
import type { HexProof } from './facts.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { counted } from './wording.ts'

/** Dependencies that must come from Hex do, by what mix.exs and mix.lock say and by what is unpacked, where that is there. */
export const dependencies: Family = {
  name: 'Dependencies from Hex',
  rules: ['path-dependency', 'package-folder'],
  look({ hexProofs, configuration }) {
    if (configuration.hexDependencies.length === 0) return undefined
    const names = hexProofs.map(({ proof }) =>
      proof.version === undefined ? proof.name : `${proof.name} ${proof.version}`
    )
    return {
      detail: `${counted(names.length, 'dependency', 'dependencies')} read in mix.exs and mix.lock: ${names.join(', ')}`,
      findings: hexProofs.flatMap(findingsOf),
      unread: hexProofs.flatMap(unreadOf),
      notChecked: hexProofs.flatMap(leftOut)
    }
  }
}

/** What counts: all that is disproved; of what is not known, that mix.exs and mix.lock ask Hex, and files that could be seen. */
function failing({ proof, unpacked }: HexProof): readonly Proof[] {
  const found = proof.proofs.filter(
    ({ number, state }) =>
      state === 'disproved' || (state === 'not available' && (number <= 2 || (number === 5 && unpacked)))
  )
  // From a path or from git, the rest only follows.
  const isElsewhere = found.some(({ number, elsewhere }) => number === 2 && elsewhere === true)
  return isElsewhere ? found.filter(({ number, elsewhere }) => number === 2 || elsewhere !== true) : found
}

function findingsOf(hex: HexProof): readonly PolicyFinding[] {
  return failing(hex).flatMap(({ number, problem }) => {
    if (problem === undefined) return []
    const isFolder = number === 5 && hex.folder !== undefined
    return [
      {
        rule: isFolder ? 'package-folder' : 'path-dependency',
        level: 'error',
        ...placeOf(problem),
        message: problem.message,
        hint: isFolder
          ? `Publish a release of ${hex.proof.name} that holds ${hex.folder} (\`files\` in its mix.exs), and lock it: \`mix deps.update ${hex.proof.name}\`.`
          : problem.hint
      }
    ]
  })
}

/** Files that cannot be read prove nothing: they are problems beside the proofs. */
function unreadOf({ proof }: HexProof): readonly PolicyFinding[] {
  const told = new Set(proof.proofs.map(({ problem }) => problem?.message))
  return proof.problems
    .filter(({ message }) => !told.has(message))
    .map((problem) => ({
      rule: 'path-dependency',
      level: 'error',
      ...placeOf(problem),
      message: problem.message,
      hint: problem.hint
    }))
}

function placeOf({ file, line }: Problem): Pick<PolicyFinding, 'file' | 'span'> {
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { span: { start: { line, column: 1 }, end: { line, column: 1 } } })
  }
}

function leftOut({ proof, unpacked, folder }: HexProof): readonly string[] {
  const deps = unpacked
    ? []
    : [
        `The files of ${proof.name}${folder === undefined ? '' : ` and its folder ${folder}`}: deps is not there. A job that runs \`mix deps.get\` before the guard lets it look.`
      ]
  return [...deps, `Whether Mix itself takes ${proof.name} from Hex: the guard runs no code of the change.`]
}
