import { expect, test } from '@jest/globals'
import {
  loadParsers,
  modulesOf,
  parseChanged,
  type KnownModules
} from '../../actions/migration-guard/changed-migrations.ts'
import { migrationChanges } from '../../actions/migration-guard/policy/migration-changes.ts'
import type { Files } from '../support/trees.ts'
import { factsOf } from './policy/judged-change.ts'

const path = (number: number): string =>
  `priv/repo/migrations/2025${String(10_000_000 + number).slice(1)}_m${number}.exs`
const migration = (name: string): string =>
  `defmodule Repo.Migrations.${name} do\n  use Ecto.Migration\n  def change, do: :ok\nend\n`

async function modulesAmong(merged: number, source: 'git' | 'api'): Promise<KnownModules & { readonly reads: number }> {
  const files: Files = Object.fromEntries(
    Array.from({ length: merged }, (_, number) => [path(number), migration(`M${number}`)])
  )
  const facts = await factsOf({ base: files, head: { ...files, [path(9_000)]: migration('M0') } })
  const { head } = facts.change
  const changes = migrationChanges(facts)
  const parsers = await loadParsers(changes, false)
  const folders = await parseChanged(changes, head, parsers)
  let reads = 0
  const counting = {
    ...head,
    read: (file: string) => {
      reads += 1
      return head.read(file)
    }
  }
  return { ...(await modulesOf(folders, counting, source, parsers)), reads }
}

test.each(['git', 'api'] as const)('a module that another migration has is seen, read from %s', async (source) => {
  const { modules, notChecked } = await modulesAmong(3, source)
  expect(
    [...modules]
      .filter(([, module]) => module === 'Repo.Migrations.M0')
      .map(([file]) => file)
      .toSorted()
  ).toEqual([path(0), path(9_000)])
  expect(notChecked).toEqual([])
})

test('where each would be a request, hundreds are not asked for, and that is told', async () => {
  expect(await modulesAmong(151, 'api')).toMatchObject({
    reads: 0,
    notChecked: [expect.stringContaining('one of the 151 other migrations in priv/repo/migrations')]
  })
  expect(await modulesAmong(151, 'git')).toMatchObject({ reads: 151, notChecked: [] })
})
