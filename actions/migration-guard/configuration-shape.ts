import type { Condition } from './configuration.ts'
import {
  described,
  dictionary,
  either,
  flag,
  list,
  map,
  oneOf,
  oneOrMore,
  record,
  text,
  whole,
  type JsonSchema,
  type Shape
} from './shape.ts'

/** Neither absolute nor leading out, no part of it empty, `.` or `..`; a slash at the end is forgiven. */
const inside = '(?!/)(?!(?:.*/)?\\.{1,2}(?:/|$))(?!.*//)'
const plainCharacter = '[^\\\\\\p{Cc}*?!\\[\\]\\{\\}]'

const path = map(
  text(`^${inside}${plainCharacter}+$`, 'path in this repository, relative to its root', 'priv/repo/migrations'),
  (value) => value.replace(/\/$/, '')
)

/** Braces and brackets are closed, and not nested: what another reader of globs would take otherwise is refused. */
const glob = text(
  `^${inside}(?!!)(?:[^\\\\\\p{Cc}\\[\\]\\{\\}]|\\{[^\\\\\\p{Cc}\\[\\]\\{\\}]+\\}|\\[[^\\\\\\p{Cc}\\[\\]\\{\\}]+\\])+$`,
  'path or glob relative to the root of the repository',
  'priv/repo/migrations/**'
)

const globs = map(oneOrMore(glob), (given) => given.flatMap(withWhatIsInside))

/**
 * A folder's name stands for what is in it: to the matcher it would be a file's. So does a glob that may end in one:
 * `prisma/migrations/2023*` names folders of Prisma, and `priv/repo/migrations/2023*` files of Ecto.
 */
function withWhatIsInside(given: string): readonly string[] {
  const plain = given.replace(/\/$/, '')
  const mayBeFolder = !/[*?[{]/.test(plain) || /(?:^|[^*])\*$/.test(plain) || plain !== given
  return mayBeFolder ? [plain, `${plain}/**`] : [plain]
}

const login = map(text('^@?[A-Za-z0-9][A-Za-z0-9_-]*(?:\\[bot\\])?$', 'name of a GitHub account', 'a-login'), withoutAt)
const team = map(
  text('^@?[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9][A-Za-z0-9._-]*$', 'team with its organization', 'org/database'),
  withoutAt
)

function withoutAt(name: string): string {
  return name.replace(/^@/, '')
}

/** What may stand for one kind of change; `forbidden` and `allowed` stand alone. */
function conditions<const C extends Condition>(possible: readonly C[]): Shape<readonly (C | 'forbidden')[]> {
  const one = map(oneOf([...possible, 'forbidden', 'allowed']), (word): readonly (C | 'forbidden')[] =>
    word === 'allowed' ? [] : [word]
  )
  return either(one, list(oneOf(possible), 1))
}

const frozenEntry = record(
  {
    paths: described(globs, 'What is frozen: paths and globs. A folder stands for all that is in it.')
  },
  {
    add: described(conditions(['ported', 'reviewed']), 'What must hold for a new file.', 'forbidden'),
    edit: described(
      conditions(['ported', 'reviewed']),
      'What must hold for a file whose contents change.',
      'forbidden'
    ),
    delete: described(conditions(['packaged', 'reviewed']), 'What must hold for a file that goes away.', 'forbidden'),
    rename: described(
      conditions(['ported', 'reviewed']),
      'What must hold for a file that gets another name.',
      'forbidden'
    )
  }
)

const framework = oneOf(['ecto', 'prisma', 'sql'])

/** In a path that the frameworks use by themselves, the framework need not be said. */
const usualFolder = map(
  text(
    `^(?=(?:.*/)?(?:priv|prisma)/)${inside}${plainCharacter}+$`,
    'folder of Ecto (`priv/…`) or Prisma (`prisma/…`); write `path` and `framework` for another one',
    'priv/repo/migrations'
  ),
  (given) => ({
    path: given.replace(/\/$/, ''),
    framework: /^(?:.*\/)?prisma\//.test(given) ? ('prisma' as const) : ('ecto' as const)
  })
)

const source = record(
  {
    repository: described(
      text('^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+$', 'repository with its owner', 'org/database'),
      'The repository that is the single source of truth.'
    ),
    path: described(path, 'The folder of migrations there.')
  },
  {
    ref: described(
      text('^(?!-)(?!.*\\.\\.)[^\\s:?*\\[\\\\\\p{Cc}~^]+$', 'branch, tag or commit', 'main'),
      'A branch, tag or commit there.',
      'main'
    ),
    into: described(path, 'The folder here that mirrors it. Default: the same path.'),
    manifest: described(
      path,
      'A committed list of blob ids, for runs without a token for the source. It is frozen itself.'
    ),
    checkout: described(
      text('^(?!/)(?!-)[^\\\\\\p{Cc}]+$', 'path relative to the workspace', '../database'),
      'A checkout of the source beside this one, relative to the workspace.'
    ),
    set: described(
      oneOf(['complete', 'subset']),
      'complete: every migration of the source must be here. subset: what is here must be there.',
      'complete'
    )
  }
)

const hexName = text('^[a-z][a-z0-9_]*$', 'name of a dependency', 'diwa_schema')

const sharedPackage = record(
  { name: described(hexName, 'Its name in mix.exs.') },
  {
    path: described(path, 'The folder of migrations in it.', 'priv/repo/migrations'),
    from: described(path, 'The folder here that is handed over to it.', 'priv/repo/migrations')
  }
)

const hexDependency = either(
  map(hexName, (name) => ({ name })),
  record(
    { name: hexName },
    {
      version: described(
        text('^\\d+\\.\\d+\\.\\d+(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?$', 'version', '1.2.3'),
        'The version that must be locked.'
      ),
      folder: described(path, 'A folder of it that must be there.')
    }
  )
)

const people = {
  users: described(list(login), 'GitHub logins.'),
  teams: described(list(team), 'Teams as organization/team-slug. Reading their members takes input team-token.')
}

const ruleName = '^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$'
const rule = text(ruleName, 'name of a rule', 'out-of-order')

const mixProject = text(`^(?:\\.|${inside}${plainCharacter}+)$`, 'folder of a Mix project', 'apps/shop')

/** `.github/migration-guard.yml`, whole. */
export const configurationShape = record(
  {},
  {
    migrations: described(
      oneOrMore(either(usualFolder, record({ path, framework }, {}))),
      'Where migrations are. Default: found by what lies there.'
    ),
    frozen: described(
      oneOrMore(
        either(
          map(glob, (given) => ({ paths: withWhatIsInside(given) })),
          frozenEntry
        )
      ),
      'Paths that may not change, or only under conditions.'
    ),
    source: described(source, 'The single source of truth that migrations are ported from.'),
    package: described(sharedPackage, 'The package that the migrations of this application move to.'),
    reviewers: described(
      record({}, { ...people, approvals: described(whole(1, 10), 'How many approvals are needed.', 1) }),
      'Whose approval counts. Default: whoever may write here, but for the author and who pushed last.'
    ),
    bypass: described(
      either(
        flag,
        record({}, { ...people, days: described(whole(1, 366), 'How far `until` may lie ahead, days.', 31) })
      ),
      'Whether a review that says `ALLOW_CORE_MIGRATION: reason, until DATE` lets a change through, and whose. Default people: the reviewers.',
      false
    ),
    'mix-guard': described(
      oneOf(['required', 'off']),
      'Whether mix.exs must carry the aliases that stop ecto.migrate, ecto.rollback and ecto.drop.',
      'off'
    ),
    'mix-projects': described(oneOrMore(mixProject), 'Folder of each Mix project that is guarded.', ['.']),
    'hex-dependencies': described(
      oneOrMore(hexDependency),
      'Dependencies that must come from Hex, with a folder that must be in them.'
    ),
    rules: described(
      dictionary(ruleName, 'name of a rule', oneOf(['error', 'warning', 'notice', 'off'])),
      'Levels of single rules.'
    ),
    exempt: described(
      oneOrMore(record({ paths: globs }, { rules: described(oneOrMore(rule), 'Default: every rule.') })),
      'Paths that rules do not look at.'
    ),
    lint: described(
      either(
        flag,
        record(
          {},
          {
            profile: described(
              oneOf(['default', 'calm', 'strict']),
              'calm: rules about losing data, indexes and foreign keys warn.',
              'default'
            ),
            postgres: described(whole(10, 99), 'Major version of the server.', 15),
            suppressions: described(flag, 'Whether comments in migrations may silence findings.', true)
          }
        )
      ),
      'Whether the statements of migrations are judged, and how.',
      true
    ),
    'fail-on': described(oneOf(['error', 'warning', 'never']), 'The level from which on the run fails.', 'error'),
    comment: described(flag, 'Whether the findings are written as a comment on the pull request.', true),
    'after-review': described(
      oneOf(['rerun', 'status', 'none']),
      'What turns a required check green after an approval: running it once more (permission actions: write), or a commit status.',
      'rerun'
    )
  }
)

/** What a schema can say of keys that need each other. */
const together: readonly JsonSchema[] = [
  needs('source', entryWith(['add', 'edit', 'rename'], 'ported')),
  needs('package', entryWith(['delete'], 'packaged'))
]

function entryWith(keys: readonly string[], word: Condition): JsonSchema {
  const has = { anyOf: [{ const: word }, { type: 'array', contains: { const: word } }] }
  const entry = {
    type: 'object',
    anyOf: keys.map((key) => ({ required: [key], properties: { [key]: has } }))
  }
  return { required: ['frozen'], properties: { frozen: { anyOf: [entry, { type: 'array', contains: entry }] } } }
}

function needs(key: string, found: JsonSchema): JsonSchema {
  return { if: found, then: { required: [key] } }
}

/**
 * The JSON schema for editors: docs/migration-guard.schema.json.
 * @param rules those that there are, so that an editor completes their names; without them, any name
 */
export function configurationSchema(rules?: readonly { readonly id: string; readonly title: string }[]): JsonSchema {
  const schema: JsonSchema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://raw.githubusercontent.com/org/release-actions/v1/docs/migration-guard.schema.json',
    title: 'Configuration of migration-guard',
    description:
      'What a repository demands of changes to its migrations: `.github/migration-guard.yml`, read from the base.',
    ...configurationShape.schema,
    allOf: together
  }
  if (rules === undefined) return schema
  const named: unknown = JSON.parse(JSON.stringify(schema), (_, value: unknown) => withNames(value, rules))
  return { ...(named as JsonSchema), $defs: { rule: { enum: rules.map(({ id }) => id) } } }
}

/** The same schema, where any name of a rule may stand, with the names that there are. */
function withNames(value: unknown, rules: readonly { readonly id: string; readonly title: string }[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('pattern' in value && value.pattern === ruleName) return { $ref: '#/$defs/rule' }
  if (!('propertyNames' in value) || !('additionalProperties' in value)) return value
  // As keys they are completed by more editors than as names of properties, and each has its title beside it.
  const rest = Object.entries(value).filter(([key]) => key !== 'propertyNames')
  const level = value.additionalProperties
  const properties = rules.map(({ id, title }) => [id, { description: `${title}.`, ...(level as object) }] as const)
  return { ...Object.fromEntries(rest), properties: Object.fromEntries(properties), additionalProperties: false }
}
