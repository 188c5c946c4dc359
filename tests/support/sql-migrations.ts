import { fractionsFrom } from './random.ts'

/**
 * SQL migrations as people write them: tables that are made, changed, indexed, constrained, renamed and dropped; with and
 * without a transaction; each statement on a line of its own. The same seed gives the same files.
 */
export function createSqlMigrations(seed: number, count: number): readonly string[] {
  const random = fractionsFrom(seed)
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T
  const name = (): string => pick(['accounts', '"Orders"', 'shop.items', 'events', '"LineItem"', 'people'])
  const column = (): string => pick(['total', '"createdAt"', 'owner_id', 'state', '"externalId"', 'note'])
  const type = (): string => pick(['bigint', 'text', 'jsonb', 'uuid', 'timestamptz', 'boolean', 'int', 'varchar(40)'])
  const label = (): string => `n_${Math.floor(random() * 1e6)}`
  const stated = (): string => pick(['DEFAULT 0', "DEFAULT 'new'", 'DEFAULT now()', 'DEFAULT false'])

  const statements: readonly (() => string)[] = [
    () => `CREATE TABLE ${label()} (id bigint PRIMARY KEY, ${column()} ${type()} NOT NULL, second ${type()});`,
    () => `CREATE TABLE ${label()} (id bigint GENERATED ALWAYS AS IDENTITY, owner_id bigint REFERENCES accounts (id));`,
    () => `ALTER TABLE ${name()} ADD COLUMN ${column()} ${type()};`,
    () => `ALTER TABLE ${name()} ADD COLUMN ${column()} ${type()} ${stated()};`,
    () => `ALTER TABLE ${name()} ADD COLUMN ${column()} ${type()} NOT NULL ${stated()};`,
    () => `ALTER TABLE ${name()} ADD COLUMN ${column()} ${type()} NOT NULL;`,
    () =>
      `ALTER TABLE ${name()} ADD COLUMN ${column()} uuid DEFAULT ${pick(['gen_random_uuid()', 'my_id()', 'random()'])};`,
    () => `ALTER TABLE ${name()} ADD COLUMN ${column()} int GENERATED ALWAYS AS (1 + 1) STORED;`,
    () => `ALTER TABLE ${name()} DROP COLUMN ${column()};`,
    () => `ALTER TABLE ${name()} ALTER COLUMN ${column()} SET NOT NULL;`,
    () => `ALTER TABLE ${name()} ALTER COLUMN ${column()} DROP NOT NULL;`,
    () => `ALTER TABLE ${name()} ALTER COLUMN ${column()} SET ${stated()};`,
    () => `ALTER TABLE ${name()} ALTER COLUMN ${column()} TYPE ${type()};`,
    () => `ALTER TABLE ${name()} RENAME COLUMN ${column()} TO ${label()};`,
    () => `ALTER TABLE ${name()} RENAME TO ${label()};`,
    () => `DROP TABLE ${name()};`,
    () => `DROP TABLE IF EXISTS ${name()} CASCADE;`,
    () => `TRUNCATE ${name()} CASCADE;`,
    () => `CREATE INDEX ${label()} ON ${name()} (${column()});`,
    () => `CREATE UNIQUE INDEX ${label()} ON ${name()} (${column()}, id);`,
    () => `CREATE INDEX CONCURRENTLY ${label()} ON ${name()} USING gin (${column()});`,
    () => `DROP INDEX ${label()};`,
    () => `DROP INDEX CONCURRENTLY IF EXISTS ${label()};`,
    () => `REINDEX ${pick(['INDEX', 'TABLE'])} ${pick(['', 'CONCURRENTLY '])}${label()};`,
    () =>
      `ALTER TABLE ${name()} ADD CONSTRAINT ${label()} FOREIGN KEY (${column()}) REFERENCES accounts (id)${pick(['', ' NOT VALID'])};`,
    () => `ALTER TABLE ${name()} ADD CONSTRAINT ${label()} CHECK (${column()} IS NOT NULL)${pick(['', ' NOT VALID'])};`,
    () => `ALTER TABLE ${name()} ADD CONSTRAINT ${label()} UNIQUE ${pick(['(id)', 'USING INDEX ready_idx'])};`,
    () => `ALTER TABLE ${name()} ADD CONSTRAINT ${label()} PRIMARY KEY ${pick(['(id)', 'USING INDEX ready_idx'])};`,
    () => `ALTER TABLE ${name()} VALIDATE CONSTRAINT ${label()};`,
    () => `ALTER TABLE ${name()} DETACH PARTITION ${label()}${pick(['', ' CONCURRENTLY'])};`,
    () => `ALTER TYPE mood ADD VALUE '${label()}'${pick(['', " AFTER 'calm'"])};`,
    () => `ALTER DOMAIN positive ADD CONSTRAINT ${label()} CHECK (VALUE > 0);`,
    () => `UPDATE ${name()} SET ${column()} = NULL WHERE id = ${Math.floor(random() * 100)};`,
    () => `INSERT INTO ${name()} (id) VALUES (${Math.floor(random() * 100)});`,
    () => `CREATE TABLE ${label()} (id bigint, code char(${1 + Math.floor(random() * 9)}), at timestamp);`,
    () => `DROP DATABASE ${label()};`,
    () => {
      const table = label()
      return [
        `CREATE TABLE ${table} (id bigint, owner_id bigint);`,
        `CREATE INDEX ${label()} ON ${table} (id);`,
        `ALTER TABLE ${table} ADD CONSTRAINT ${label()} FOREIGN KEY (owner_id) REFERENCES accounts (id);`
      ].join('\n')
    }
  ]

  return Array.from({ length: count }, () => {
    const body = Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(statements)())
    const wrapped = random()
    if (wrapped < 0.25) return ['BEGIN;', ...body, 'COMMIT;', ''].join('\n')
    if (wrapped < 0.3) return ['BEGIN;', ...body, ''].join('\n')
    if (wrapped < 0.33) return ['BEGIN;', ...body, 'BEGIN;', 'COMMIT;', ''].join('\n')
    return [...body, ''].join('\n')
  })
}
