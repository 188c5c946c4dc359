import { parseArgs } from 'node:util'
import type { Problem } from '../actions/shared/problem.ts'

export const events = ['push', 'pull_request', 'workflow_dispatch', 'schedule'] as const
export type EventName = (typeof events)[number]

/** What the command line asks for; folders and files as they were typed. */
export interface Options {
  /** Folder of the consumer's repository; absent for the project's own example. */
  readonly repository?: string
  /** Workflow file inside that repository; absent when the only one that the event starts is meant. */
  readonly workflow?: string
  readonly tag?: string
  /** Absent when the repository's own settings are to say. */
  readonly event?: EventName
  /** Name of a pull request that the repository's settings describe. */
  readonly pull?: string
  readonly inputs: ReadonlyMap<string, string>
  readonly secrets: ReadonlyMap<string, string>
  readonly variables: ReadonlyMap<string, string>
  /** `OWNER/REPO@REF` → folder that stands for it. */
  readonly actions: ReadonlyMap<string, string>
  readonly faults: readonly string[]
  /** Folder for the report. */
  readonly report?: string
}

export const usage = `npm run rehearse -- [options]

Takes a release workflow through a whole release on this machine, with the working tree as it is.

  --repo DIR                     the repository to rehearse (default: examples/python-lib)
  --workflow FILE                its workflow, a path in DIR or a name in DIR/.github/workflows
                                 (default: the one that the event starts)
  --tag TAG                      the tag to release (default: the one at HEAD); it is put on the working tree, wherever it
                                 is: to rehearse an old tag, check it out first
  --event push|pull_request|workflow_dispatch|schedule
                                 (default: push)
  --pull NAME                    a pull request that .github/rehearsal.yml describes, with its reviews
  --input NAME=VALUE             an input of workflow_dispatch; may be repeated
  --secret NAME=VALUE            a secret's value instead of a made-up one; may be repeated
  --var NAME=VALUE               a configuration variable; may be repeated
  --action OWNER/REPO@REF=DIR    run this action from a folder instead of leaving it out; may be repeated
  --fault RULE                   a fault of the services (npm run sandbox -- --help shows the rules); may be repeated
  --report DIR                   where the report goes (default: .tools/rehearsal)
  --help

DIR/.github/rehearsal.yml may give defaults for --workflow, --tag and --event, releases of other repositories to
rehearse first, and a list of workflows to run one after the other on one database (docs/rehearse.md).

Exit code: 0 all rehearsed and green, 1 something failed, 3 green but parts were not rehearsed.`

/**
 * Reads the arguments after the program's name.
 *
 * @returns the options, `help`, or every problem that the arguments have
 */
export function readOptions(
  args: readonly string[]
): { readonly options: Options } | { readonly help: true } | { readonly problems: readonly Problem[] } {
  let values
  try {
    values = parseArgs({ args: [...args], options: flags, strict: true }).values
  } catch (error) {
    return { problems: [badArgument(error instanceof Error ? error.message : String(error))] }
  }
  if (values.help === true) return { help: true }

  const problems: Problem[] = []
  const pairs = (name: string, texts: readonly string[] = [], shape = 'NAME=VALUE'): Map<string, string> => {
    const map = new Map<string, string>()
    for (const text of texts) {
      const at = text.indexOf('=')
      // The value may be a secret, so only the name is shown.
      if (at < 1) problems.push(badArgument(`--${name} wants ${shape}, and there is no name before a "="`))
      else map.set(text.slice(0, at), text.slice(at + 1))
    }
    return map
  }
  const event = events.find((known) => known === values.event)
  if (values.event !== undefined && event === undefined) {
    problems.push(badArgument(`--event ${values.event} is none of ${events.join(', ')}`))
  }
  const inputs = pairs('input', values.input)
  if (inputs.size > 0 && event !== 'workflow_dispatch') {
    problems.push(badArgument('--input belongs to --event workflow_dispatch'))
  }
  if (values.pull !== undefined && event !== undefined && event !== 'pull_request') {
    problems.push(badArgument('--pull belongs to --event pull_request'))
  }
  const secrets = new Map([...pairs('secret', values.secret)].map(([name, value]) => [name.toUpperCase(), value]))
  const variables = new Map([...pairs('var', values.var)].map(([name, value]) => [name.toUpperCase(), value]))
  const actions = pairs('action', values.action, 'OWNER/REPO@REF=DIR')
  for (const reference of actions.keys()) {
    if (!/^[^/@\s]+\/[^/@\s]+@\S+$/.test(reference)) {
      problems.push(badArgument(`--action ${reference}=… does not begin with OWNER/REPO@REF`))
    }
  }
  if (problems.length > 0) return { problems }
  return {
    options: {
      ...(values.repo !== undefined && { repository: values.repo }),
      ...(values.workflow !== undefined && { workflow: values.workflow }),
      ...(values.tag !== undefined && { tag: values.tag }),
      ...(values.report !== undefined && { report: values.report }),
      ...(event !== undefined && { event }),
      ...(values.pull !== undefined && { pull: values.pull }),
      inputs,
      secrets,
      variables,
      actions,
      faults: values.fault ?? []
    }
  }
}

const flags = {
  repo: { type: 'string' },
  workflow: { type: 'string' },
  tag: { type: 'string' },
  event: { type: 'string' },
  pull: { type: 'string' },
  input: { type: 'string', multiple: true },
  secret: { type: 'string', multiple: true },
  var: { type: 'string', multiple: true },
  action: { type: 'string', multiple: true },
  fault: { type: 'string', multiple: true },
  report: { type: 'string' },
  help: { type: 'boolean', short: 'h' }
} as const

function badArgument(message: string): Problem {
  return { code: 'rehearse-arguments', message, hint: 'run npm run rehearse -- --help' }
}
