import type { Plan } from '../../shared/phases.ts'
import { ActionError, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { failedProblems } from '../check.ts'
import { counted } from '../counted.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { Difference, Stage } from '../record.ts'
import type { Rooms } from '../rooms.ts'
import { survey, type Survey } from '../survey.ts'
import { compareSchemas } from './compare-schemas.ts'
import type { CompareFacts } from './compare-facts.ts'
import { planComment, sendComment } from './difference-comment.ts'

/** The rooms of `drift` and `diff`: they compare on a scratch database, comment on the pull request, and judge. */
export function compareRooms(what: 'drift' | 'diff', journal: Journal): Rooms<CompareFacts, Plan, undefined> {
  return {
    inspect: (inputs, world) => inspect(what, inputs, world, journal),
    plan: (_inputs, { problems, comment }) => ({
      plan: { steps: comment === undefined ? [] : [comment.step], verdict: { failed: problems.length > 0, problems } }
    }),
    async apply(inputs, { comment }, _plan, world, record) {
      if (comment !== undefined && (await sendComment(inputs, comment, world))) record(comment.step)
    },
    verify: () => Promise.resolve(undefined)
  }
}

async function inspect(what: 'drift' | 'diff', inputs: Inputs, world: World, journal: Journal): Promise<CompareFacts> {
  const found = await survey(inputs, { expected: 'now', needs: 'read', stateOnly: true }, world, journal)
  const difference = await journal.stage(what, what === 'drift' ? 'Drift' : 'Difference', async (stage) => {
    const compared = await safelyCompared(what, { inputs, found }, world)
    stage.result(stageResult(compared))
    const nothing = what === 'diff' && compared.result === 'none' && found.pending.length === 0
    stage.note(nothing ? 'nothing is pending' : told(compared))
    if (nothing) stage.result('skipped')
    return compared
  })
  journal.learn({ difference })
  const problems = [...failedProblems(found.checks), ...problemsOf(what, difference, found, inputs)]
  return {
    difference,
    problems,
    comment: await planComment(
      what,
      { difference, pending: found.pending, shownFolder: inputs.shownFolder },
      inputs,
      world
    )
  }
}

function stageResult({ result, partial }: Difference): Stage['result'] {
  if (result === 'none') return partial === true ? 'warning' : 'ok'
  return result === 'found' ? 'warning' : 'not checked'
}

/** What cannot be compared is not checked, with the reason; it does not end the run before it is told. */
async function safelyCompared(
  what: 'drift' | 'diff',
  found: Parameters<typeof compareSchemas>[1],
  world: World
): Promise<Difference> {
  try {
    return await compareSchemas(what, found, world)
  } catch (error) {
    if (!(error instanceof ActionError) || world.cancelled.aborted) throw error
    const [problem] = error.problems
    const next = problem === undefined ? {} : { next: problem.hint }
    return { result: 'not checked', why: error.message, ...next, text: '', findings: [], tables: [] }
  }
}

function told({ result, why, text, partial }: Difference): string {
  if (result === 'not checked') return why ?? ''
  if (result === 'none') return partial === true ? 'no difference that Prisma’s diff sees' : 'no difference'
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('--')).length
  return `${counted(lines, 'line')} of difference`
}

function problemsOf(
  what: 'drift' | 'diff',
  difference: Difference,
  { states, project }: Survey,
  { failOn, urls }: Inputs
): readonly Problem[] {
  if (difference.result === 'none') return []
  if (difference.result === 'not checked') {
    // The check of the table has told why.
    if (states.length === 0) return []
    // The command could not do what it is for, and green would say that it did.
    return [
      urls.scratch === undefined
        ? {
            code: 'deploy-without-scratch',
            message: `\`command: ${what}\` compares on a scratch database, and there is none: not checked.`,
            hint: 'Write `scratch-url` with the address of a server that may make and drop databases, such as a service of the job; never the production server.'
          }
        : {
            code: 'schema-not-compared',
            message: `The schemas could not be compared: ${difference.why ?? ''}`,
            hint: difference.next ?? 'See to that, and run this again.'
          }
    ]
  }
  if (!failOn.has(what)) return []
  return [
    what === 'drift'
      ? {
          code: 'schema-drift',
          message: `The database is not what its applied migrations make: ${firstOf(difference.text)}`,
          hint: `The summary has all of it. Write a migration that makes the same change, and mark it as applied here (${project.framework === 'prisma' ? '`npx prisma migrate resolve --applied NAME`' : 'its version into schema_migrations'}); or take the change back. To be told only: \`fail-on: none\`, or what else it has without \`drift\`.`
        }
      : {
          code: 'schema-diff',
          message: `The pending migrations would change the schema: ${firstOf(difference.text)}`,
          hint: 'The summary has all of it. To be told only, take `diff` out of fail-on.'
        }
  ]
}

/** The first statement, on one line, or the first line of a catalog. */
export function firstOf(text: string): string {
  const lines = text.split('\n').filter((each) => each.trim() !== '' && !each.startsWith('--'))
  const [first = ''] = lines
  const end = /^[-+] /.test(first) ? 0 : lines.findIndex((each) => each.trimEnd().endsWith(';'))
  const whole = lines
    .slice(0, end + 1 || 1)
    .join(' ')
    .replaceAll(/\s+/g, ' ')
  return whole.length <= 300 ? whole : `${whole.slice(0, 300)}…`
}
