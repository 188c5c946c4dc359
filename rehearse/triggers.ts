import type { Problem } from '../actions/shared/problem.ts'
import type { RunEvent } from './event.ts'
import { isMapping, list, mapping, type Mapping, type Plain, type Workflow } from './workflow.ts'

/**
 * Why GitHub would not start this workflow for the event; empty when it would. act itself ignores the filters.
 *
 * @param ref `refs/tags/v1.0.0` for a push, `refs/heads/main` (the base) for a pull request
 */
export function triggerProblems(workflow: Workflow, event: RunEvent, ref: string): Problem[] {
  const on = workflow.on
  const trigger = isMapping(on)
    ? event in on
      ? (on[event] ?? null)
      : undefined
    : list(on).includes(event)
      ? null
      : undefined
  if (trigger === undefined) {
    const known = isMapping(on) ? Object.keys(on) : list(on).map(String)
    return [
      {
        code: 'rehearse-trigger',
        message: `the workflow does not start on ${event}; it starts on ${known.join(', ') || 'nothing'}`,
        hint: 'give another --event, or another --workflow',
        file: workflow.path
      }
    ]
  }
  const { types } = mapping(trigger)
  const activity = activities[event]
  if (types !== undefined && activity !== undefined && !list(types).includes(activity)) {
    return [
      {
        code: 'rehearse-trigger',
        message: `the workflow starts on ${event} of the types ${list(types).map(String).join(', ')}, and not on ${activity}`,
        hint: `add ${activity} to its types`,
        file: workflow.path
      }
    ]
  }
  if (!filtered.includes(event) || refPasses(mapping(trigger), ref)) return []
  const filters = Object.entries(mapping(trigger)).filter(([name]) => /^(tags|branches)/.test(name))
  return [
    {
      code: 'rehearse-trigger',
      message: `a ${event} of ${ref} does not start the workflow; on.${event} has ${filters
        .map(([name, value]) => `${name}: [${list(value).map(String).join(', ')}]`)
        .join(' and ')}`,
      hint: 'give a --tag that passes the filter, or mend the filter: the real tag would start nothing either',
      file: workflow.path
    }
  ]
}

/** Events that can be filtered by branches and tags. */
const filtered: readonly RunEvent[] = ['push', 'pull_request']

/** What happens in a rehearsal, of the types that an event has. */
const activities: Readonly<Partial<Record<RunEvent, string>>> = {
  pull_request: 'opened',
  pull_request_review: 'submitted'
}

/**
 * The schedule that starts the run: the one that is asked for, else the workflow's first.
 *
 * @param workflow one that starts on a schedule
 */
export function scheduleOf(
  workflow: Workflow,
  asked: string | undefined
): { readonly cron: string } | { readonly problems: readonly Problem[] } {
  const declared = list(mapping(workflow.on)['schedule']).flatMap((entry) => {
    const { cron } = mapping(entry)
    return typeof cron === 'string' ? [cron] : []
  })
  const cron = asked === undefined ? declared[0] : declared.find((one) => one === asked)
  if (cron !== undefined) return { cron }
  const message =
    asked === undefined
      ? 'on.schedule has no cron'
      : `on.schedule has no cron "${asked}"; it has ${declared.join(', ')}`
  return {
    problems: [
      { code: 'rehearse-trigger', message, hint: 'write `schedule: [{cron: "17 3 * * *"}]`', file: workflow.path }
    ]
  }
}

/**
 * The inputs of a manual start as GitHub would accept them, with defaults filled in, all as text.
 * https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions#onworkflow_dispatchinputs
 */
export function dispatchInputs(
  workflow: Workflow,
  given: ReadonlyMap<string, string>
): { readonly inputs: Readonly<Record<string, string>> } | { readonly problems: readonly Problem[] } {
  const declared = mapping(mapping(mapping(workflow.on)['workflow_dispatch'])['inputs'])
  const problems: Problem[] = []
  const complain = (message: string, hint: string): void => {
    problems.push({ code: 'rehearse-inputs', message, hint, file: workflow.path })
  }
  for (const name of given.keys()) {
    if (!(name in declared)) {
      complain(`unexpected input ${name}`, `the workflow declares ${Object.keys(declared).join(', ') || 'no inputs'}`)
    }
  }
  const inputs: Record<string, string> = {}
  for (const [name, value] of Object.entries(declared)) {
    const { type = 'string', required = false, default: fallback, options } = mapping(value)
    const text = given.get(name) ?? scalar(fallback) ?? (type === 'boolean' ? 'false' : '')
    inputs[name] = text
    if (required === true && text === '') complain(`required input ${name} was not given`, `add --input ${name}=…`)
    if (type === 'boolean' && text !== 'true' && text !== 'false') {
      complain(`input ${name} is "${text}"`, 'a boolean input is true or false')
    }
    if (type === 'choice' && text !== '' && !list(options).map(String).includes(text)) {
      complain(`input ${name} is "${text}"`, `choose one of ${list(options).map(String).join(', ')}`)
    }
    if (type === 'number' && text !== '' && !Number.isFinite(Number(text))) {
      complain(`input ${name} is "${text}"`, 'give a number')
    }
  }
  return problems.length > 0 ? { problems } : { inputs }
}

function scalar(value: Plain | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

function refPasses(filters: Mapping, ref: string): boolean {
  const kind = ref.startsWith('refs/tags/') ? 'tags' : 'branches'
  const name = ref.replace(/^refs\/(tags|heads)\//, '')
  const only = filters[kind]
  const except = filters[`${kind}-ignore`]
  if (only !== undefined) return matchesList(list(only).map(String), name)
  if (except !== undefined)
    return !list(except)
      .map(String)
      .some((pattern) => filterPattern(pattern).test(name))
  // A workflow that filters branches only does not run for tags, and the other way round.
  const other = kind === 'tags' ? 'branches' : 'tags'
  return filters[other] === undefined && filters[`${other}-ignore`] === undefined
}

/** Patterns count in their order; `!pattern` takes away what an earlier one gave. */
function matchesList(patterns: readonly string[], name: string): boolean {
  let passes = false
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) passes = passes && !filterPattern(pattern.slice(1)).test(name)
    else passes = passes || filterPattern(pattern).test(name)
  }
  return passes
}

/**
 * A filter pattern as a regular expression: `*` all but slashes, `**` all, `?` and `+` zero or one, or one or more of
 * the character before (not the glob's meaning), `[]` a set, `\` the next character itself.
 * https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions#filter-pattern-cheat-sheet
 */
export function filterPattern(pattern: string): RegExp {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at)
    if (char === '*') {
      const double = pattern.charAt(at + 1) === '*'
      if (double && pattern.charAt(at + 2) === '/') {
        source += '(?:.+/)?'
        at += 2
      } else {
        source += double ? '.*' : '[^/]*'
        at += double ? 1 : 0
      }
    } else if ((char === '?' || char === '+') && at > 0) {
      source += char
    } else if (char === '[' && pattern.includes(']', at)) {
      const end = pattern.indexOf(']', at)
      source += `[${pattern.slice(at + 1, end).replaceAll(/[\\^[]/g, '\\$&')}]`
      at = end
    } else {
      const literal = char === '\\' ? pattern.charAt(++at) : char
      source += literal.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    }
  }
  return new RegExp(`^${source}$`)
}
