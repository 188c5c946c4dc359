import { describe, expect, test } from '@jest/globals'
import type { Command } from '../../actions/db-deploy/command.ts'
import {
  confirmPhrase,
  isProduction,
  productionProblems,
  type ProductionQuestion
} from '../../actions/db-deploy/production.ts'

/** A deploy of `app` to production that may go ahead. */
const allowed: ProductionQuestion = {
  command: 'deploy',
  dryRun: false,
  production: {
    environment: 'production',
    production: true,
    confirm: 'deploy app',
    phrase: undefined,
    allowedRefs: []
  },
  database: 'app',
  context: { ref: 'refs/heads/main' },
  defaultBranch: 'main',
  pullRequest: undefined,
  seed: { seed: false, inProduction: false, command: undefined },
  backup: { when: 'auto', always: false },
  restoreMode: 'swap'
}

function codes(changes: Partial<ProductionQuestion>): readonly string[] {
  return productionProblems({ ...allowed, ...changes }).map(({ code }) => code)
}

const unconfirmed = { ...allowed.production, confirm: undefined }

describe('what counts as production', () => {
  test.each([
    '',
    'production',
    'Production',
    'prod',
    'eu-prod',
    'prod_eu',
    'live',
    'acme/production',
    'prod2',
    'lebanon-prod',
    'canon_production',
    'euProd',
    'liveEU',
    'PRODUCTION',
    ' '
  ])('%j does', (name) => {
    expect(isProduction(name)).toBe(true)
  })

  test.each([
    'staging',
    'preview',
    'product-demo',
    'reproduction',
    'alive',
    'delivery',
    'preprod',
    'pre-prod',
    'non-production',
    'test'
  ])('%j does not', (name) => {
    expect(isProduction(name)).toBe(false)
  })
})

describe('production', () => {
  test('lets a confirmed deploy from the default branch go', () => {
    expect(codes({})).toEqual([])
  })

  test('asks for the phrase with the name of the database', () => {
    const [problem] = productionProblems({ ...allowed, production: { ...allowed.production, confirm: 'deploy App' } })
    expect(problem?.code).toBe('deploy-not-confirmed')
    expect(problem?.message).toContain('"deploy App"')
    expect(problem?.hint).toContain('confirm: deploy app')
    expect(codes({ production: unconfirmed })).toEqual(['deploy-not-confirmed'])
  })

  test('asks for the command alone where the address names no database, as nobody can type a blank at the end', () => {
    expect(confirmPhrase({ command: 'deploy', database: '', production: allowed.production })).toBe('deploy')
    expect(confirmPhrase({ command: 'deploy', database: 'app ', production: allowed.production })).toBe('deploy app')
  })

  test('takes the phrase that was configured instead', () => {
    const production = { ...allowed.production, phrase: 'ship it', confirm: 'ship it' }
    expect(codes({ production })).toEqual([])
    expect(codes({ production: { ...production, confirm: 'deploy app' } })).toEqual(['deploy-not-confirmed'])
  })

  test('does not take it for a restore, which throws a database away', () => {
    const production = { ...allowed.production, phrase: 'ship it', confirm: 'ship it' }
    expect(confirmPhrase({ command: 'restore', database: 'app', production })).toBe('restore app')
    expect(codes({ command: 'restore', production })).toEqual(['deploy-not-confirmed'])
    expect(codes({ command: 'restore', production: { ...production, confirm: 'restore app' } })).toEqual([])
  })

  test.each(['refs/tags/v1.0.0', 'refs/tags/db/v1', 'refs/heads/main'])('may be changed from %s', (ref) => {
    expect(codes({ context: { ref } })).toEqual([])
  })

  test.each(['refs/heads/feature', 'refs/heads/main2', 'refs/heads/x/main', 'refs/pull/1/merge', undefined])(
    'may not be changed from %s',
    (ref) => {
      expect(codes({ context: { ref } })).toEqual(['deploy-ref'])
    }
  )

  test('does not take the default branch for a pattern', () => {
    const from = (ref: string): readonly string[] => codes({ defaultBranch: 'main*', context: { ref } })
    expect(from('refs/heads/main*')).toEqual([])
    expect(from('refs/heads/main-of-mallory')).toEqual(['deploy-ref'])
  })

  test('goes by allowed-refs alone where they are given', () => {
    const production = { ...allowed.production, allowedRefs: ['release/**', 'refs/tags/v*'] }
    const from = (ref: string): readonly string[] => codes({ production, context: { ref } })
    expect(from('refs/heads/release/1.x')).toEqual([])
    expect(from('refs/tags/v2')).toEqual([])
    expect(from('refs/heads/main')).toEqual(['deploy-ref'])
    expect(from('refs/tags/nightly')).toEqual(['deploy-ref'])
  })

  test('refuses what a pull request started, whatever its ref is', () => {
    const pullRequest = 'The event is pull_request_target'
    expect(productionProblems({ ...allowed, pullRequest })).toMatchObject([
      { code: 'deploy-event', message: expect.stringContaining(pullRequest) }
    ])
  })

  test.each<[Command, ProductionQuestion['restoreMode']]>([
    ['deploy', 'swap'],
    ['rollback', 'swap'],
    ['restore', 'in-place']
  ])('asks %s for a backup, of what it throws away', (command, restoreMode) => {
    const production = { ...allowed.production, confirm: `${command} app` }
    const asked = { command, restoreMode, production }
    expect(codes({ ...asked, backup: { when: 'false', always: false } })).toEqual(['deploy-without-backup'])
    expect(codes({ ...asked, backup: { when: 'false', always: true } })).toEqual([])
    expect(codes(asked)).toEqual([])
  })

  test('asks a restore that keeps what was there for none', () => {
    const production = { ...allowed.production, confirm: 'restore app' }
    expect(codes({ command: 'restore', production, backup: { when: 'false', always: false } })).toEqual([])
  })

  test('is seeded only by an input of its own', () => {
    const seed = { seed: true, inProduction: false, command: undefined }
    expect(codes({ seed })).toEqual(['deploy-seed-in-production'])
    expect(codes({ seed: { ...seed, inProduction: true } })).toEqual([])
  })

  test('tells everything at once', () => {
    expect(
      codes({
        production: unconfirmed,
        context: { ref: 'refs/heads/x' },
        seed: { seed: true, inProduction: false, command: undefined },
        backup: { when: 'false', always: false }
      })
    ).toEqual(['deploy-not-confirmed', 'deploy-ref', 'deploy-without-backup', 'deploy-seed-in-production'])
  })

  test.each<Command>(['plan', 'status', 'drift', 'diff', 'backup', 'smoke', 'preflight'])(
    'asks nothing of %s, which changes nothing',
    (command) => {
      expect(codes({ command, dryRun: command === 'plan', production: unconfirmed })).toEqual([])
    }
  )

  test('asks nothing of a dry run', () => {
    expect(codes({ dryRun: true, production: unconfirmed })).toEqual([])
  })
})

describe('any other environment', () => {
  const staging = { ...unconfirmed, environment: 'staging', production: false }

  test('is deployed without a word', () => {
    expect(
      codes({ production: staging, context: { ref: 'refs/pull/1/merge' }, pullRequest: 'The event is pull_request' })
    ).toEqual([])
  })

  test('is not restored without one', () => {
    expect(codes({ command: 'restore', production: staging })).toEqual(['deploy-not-confirmed'])
  })
})
