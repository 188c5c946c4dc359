import type { MixDependency } from '../shared/hex/mix-dependencies.ts'
import type { MixExs } from '../shared/hex/mix-exs.ts'
import type { Problem } from '../shared/problem.ts'

export interface ShippedDependencies {
  readonly problems: readonly Problem[]
  /** What the text of mix.exs does not tell. */
  readonly notChecked: readonly string[]
}

/**
 * Dependencies that get into the package and do not come from Hex where it was tested. Hex's client refuses them, but
 * for one with `hex:` beside `path:` or `git:`: it goes into the package as a requirement on a release that no test
 * has seen.
 * @param file how problems name mix.exs
 * @see https://github.com/hexpm/hex/blob/main/lib/mix/tasks/hex.build.ex, package_dep?
 */
export function checkShippedDependencies({ dependencies, doubts }: MixExs, file: string): ShippedDependencies {
  const foreign = dependencies.filter((dependency) => isShipped(dependency) && dependency.source !== 'hex')
  const clear = foreign.filter((dependency) => isClear(dependency))
  const [doubt] = doubts
  return {
    problems: clear.map((dependency) => foreignDependency(dependency, file)),
    notChecked: [
      ...foreign
        .filter((dependency) => !isClear(dependency) && (dependency.reached || doubts.length > 0))
        .map((dependency) => unclear(dependency, file)),
      ...(doubt === undefined
        ? []
        : [`whether all dependencies come from Hex: ${doubt.why} (${file}:${doubt.line}), and it is not run for it`])
    ]
  }
}

/** Hex packs what is for production (prod_dep?). */
function isShipped({ only }: MixDependency): boolean {
  return only?.includes('prod') ?? true
}

function isClear({ source, conditional, reached }: MixDependency): boolean {
  return source !== 'computed' && conditional === undefined && reached
}

const options = { path: 'path:', git: 'git: or github:', umbrella: 'in_umbrella:' } as const

function foreignDependency({ name, source, line, package: onHex }: MixDependency, file: string): Problem {
  const option = source === 'hex' || source === 'computed' ? '' : options[source]
  return {
    code: 'dependency-not-on-hex',
    message: `The dependency ${name} has ${option} in ${file}: it was tested with that, and users of the package get ${onHex} from Hex.`,
    hint: `Require a release of ${onHex}, {:${name}, "~> 1.0"}, without ${option}, fetch it and test with it. If only tests need it, add only: [:dev, :test].`,
    file,
    line
  }
}

function unclear({ name, line, conditional }: MixDependency, file: string): string {
  const why = conditional?.why ?? 'the text does not show whether it is used'
  return `whether ${name} comes from Hex: ${why} (${file}:${line}), and it is not run for it`
}
