import { describe, expect, it } from '@jest/globals'
import { ectoTargets, prismaTarget, unheardProblems, type Targets } from '../../../actions/db-deploy/rollback/target.ts'
import { rollbackProblems } from '../../../actions/db-deploy/rollback/verify.ts'
import type { MigrationState, MigrationStatus } from '../../../actions/db-deploy/state/migration-state.ts'

type Statuses = readonly (readonly [string, MigrationStatus['status']])[]

function states(statuses: Statuses, framework: MigrationState['framework'] = 'ecto'): readonly MigrationState[] {
  const migrations = statuses.map(([name, status]): MigrationStatus => ({
    name,
    version: name,
    path: `${name}_x.exs`,
    status,
    marks: []
  }))
  return [{ framework, folders: ['migrations'], table: '"t"', migrations, current: undefined, notChecked: [] }]
}

function names(chosen: Targets): readonly string[] {
  return 'targets' in chosen ? chosen.targets.map(({ name }) => name) : chosen.problems.map(({ code }) => code)
}

const ecto = states([
  ['9', 'applied'],
  ['20', 'applied'],
  ['100', 'applied'],
  ['101', 'pending']
])

describe("what a rollback of Ecto's takes back", () => {
  it.each([
    ['the highest version, by number and not by text', { steps: 1 }, ['100']],
    ['so many, newest first', { steps: 3 }, ['100', '20', '9']],
    ['everything above the version that stays', { to: '9' }, ['100', '20']],
    ['nothing where the newest is to stay', { to: '100' }, []],
    ['all of it', { to: '0' }, ['100', '20', '9']]
  ])('is %s', (_, asked, expected) => {
    expect(names(ectoTargets(ecto, { to: undefined, steps: undefined, ...asked }, false))).toEqual(expected)
  })

  it.each([
    ['nothing is said', {}],
    ['both are said', { to: '9', steps: 1 }],
    ['the version that is to stay is pending', { to: '101' }],
    ['it is not known', { to: '55' }],
    ['there are not so many', { steps: 4 }]
  ])('is refused where %s', (_, asked) => {
    expect(names(ectoTargets(ecto, { to: undefined, steps: undefined, ...asked }, false))).toEqual(['rollback-target'])
  })

  it('is refused where Ecto would pass over a version whose file is gone', () => {
    const gone = states([
      ['1', 'applied'],
      ['2', 'missing']
    ])
    expect(names(ectoTargets(gone, { to: undefined, steps: 1 }, false))).toEqual(['rollback-file-missing'])
    expect(names(ectoTargets(gone, { to: '0', steps: undefined }, false))).toEqual(['rollback-file-missing'])
    expect(JSON.stringify(ectoTargets(gone, { to: undefined, steps: 9 }, false))).toContain(
      '1 of them without a file here'
    )
  })

  it("is left to a release's own call where that says it", () => {
    expect(names(ectoTargets(ecto, { to: undefined, steps: undefined }, true))).toEqual([])
  })

  it.each([{ to: '20' }, { to: '0' }, { steps: 1 }])(
    "is refused where a release's own call would not hear %j",
    (asked) => {
      const chosen = ectoTargets(ecto, { to: undefined, steps: undefined, ...asked }, true)
      const [[name, value] = []] = Object.entries(asked)
      expect('problems' in chosen && chosen.problems).toMatchObject([
        {
          code: 'rollback-target',
          message: expect.stringContaining(`Input ${name} is ${value}, and release-rollback-call`)
        }
      ])
    }
  )
})

describe('what is given for the way back of another framework', () => {
  const none = { to: undefined, steps: undefined, migration: undefined }

  it.each([
    ['prisma', { to: '20' }, 'Input to is 20'],
    ['prisma', { steps: 1 }, 'Input steps is 1'],
    ['ecto', { migration: '20_x' }, 'Input migration is 20_x']
  ] as const)('is refused: %s and %j', (framework, given, told) => {
    expect(unheardProblems(framework, { ...none, ...given })).toMatchObject([
      { code: 'rollback-target', message: expect.stringContaining(told) }
    ])
  })

  it('is nothing where each is heard', () => {
    expect(unheardProblems('prisma', { ...none, migration: 'b' })).toEqual([])
    expect(unheardProblems('ecto', { ...none, to: '20' })).toEqual([])
  })
})

describe("what of Prisma's may be marked as rolled back", () => {
  const one = states(
    [
      ['a', 'applied'],
      ['b', 'failed']
    ],
    'prisma'
  )
  const two = states(
    [
      ['b', 'failed'],
      ['c', 'failed']
    ],
    'prisma'
  )

  it('is the one that failed', () => {
    expect(names(prismaTarget(one, undefined))).toEqual(['b'])
    expect(names(prismaTarget(one, 'b'))).toEqual(['b'])
    expect(names(prismaTarget(two, 'c'))).toEqual(['c'])
  })

  it('is nothing else', () => {
    expect(names(prismaTarget(one, 'a'))).toEqual(['rollback-nothing-failed'])
    expect(names(prismaTarget(one, 'z'))).toEqual(['rollback-nothing-failed'])
    expect(names(prismaTarget(states([['a', 'applied']], 'prisma'), undefined))).toEqual(['rollback-nothing-failed'])
    expect(names(prismaTarget(two, undefined))).toEqual(['rollback-target'])
  })
})

describe('the second look after a rollback', () => {
  const survey = { states: ecto }
  const targets = ecto[0]?.migrations.filter(({ name }) => name === '100') ?? []
  const after = (hundred: MigrationStatus['status'], twenty: MigrationStatus['status']) =>
    states([
      ['9', 'applied'],
      ['20', twenty],
      ['100', hundred],
      ['101', 'pending']
    ])

  it('is content when what was to go is gone, and the rest is there', () => {
    expect(rollbackProblems({ survey, targets }, after('pending', 'applied'))).toEqual([])
  })

  it('tells what is still there, and what went with it', () => {
    expect(rollbackProblems({ survey, targets }, after('applied', 'applied'))[0]?.message).toContain('100 was to go')
    expect(rollbackProblems({ survey, targets }, after('pending', 'pending'))[0]?.message).toContain('20 was to stay')
  })

  it('believes no call that took nothing back', () => {
    expect(rollbackProblems({ survey, targets: [] }, after('applied', 'applied'))[0]?.message).toContain(
      'no migration went'
    )
    expect(rollbackProblems({ survey, targets: [] }, after('pending', 'applied'))).toEqual([])
  })
})
