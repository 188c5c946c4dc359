import { randomFrom } from './random.ts'
/** A migration of a generated history. */
export interface GeneratedMigration {
  /** 14 digits. */
  readonly version: string
  readonly name: string
  readonly sql: string
}

const tables = ['User', 'Account', 'Session', 'Order', 'OrderItem', 'Invoice', 'Product', 'Team', 'Member', 'AuditLog']
const columns = ['email', 'status', 'amount', 'note', 'ownerId', 'externalId', 'archivedAt', 'settings', 'position']
const types = [
  'TEXT',
  'INTEGER',
  'BIGINT',
  'BOOLEAN',
  'JSONB',
  'TIMESTAMP(3)',
  'DECIMAL(10,2)',
  'VARCHAR(191)',
  'TEXT[]'
]
const defaults = ["'new'", '0', 'false', "'{}'", 'CURRENT_TIMESTAMP', 'now()', 'gen_random_uuid()']

type Pick = (from: readonly string[]) => string
type Writer = (pick: Pick, number: number) => string

/** As Prisma writes them, and as people add to them, about as often as in histories of real projects. */
const writers: readonly (readonly [number, Writer])[] = [
  [22, (pick) => `-- AlterTable\nALTER TABLE "${pick(tables)}" ADD COLUMN     "${pick(columns)}" ${pick(types)};`],
  [
    8,
    (pick) =>
      `-- AlterTable\nALTER TABLE "${pick(tables)}" ADD COLUMN     "${pick(columns)}" ${pick(types)} NOT NULL DEFAULT ${pick(defaults)};`
  ],
  [
    16,
    (pick, number) => `-- CreateIndex\nCREATE INDEX "idx_${String(number)}" ON "${pick(tables)}"("${pick(columns)}");`
  ],
  [
    5,
    (pick, number) =>
      `-- CreateIndex\nCREATE UNIQUE INDEX "key_${String(number)}" ON "${pick(tables)}"("${pick(columns)}", "${pick(columns)}");`
  ],
  [
    9,
    (pick, number) =>
      [
        '-- CreateTable',
        `CREATE TABLE "${pick(tables)}_${String(number)}" (`,
        '    "id" TEXT NOT NULL,',
        `    "${pick(columns)}" ${pick(types)} DEFAULT ${pick(defaults)},`,
        '    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,',
        '',
        `    CONSTRAINT "${pick(tables)}_${String(number)}_pkey" PRIMARY KEY ("id")`,
        ');'
      ].join('\n')
  ],
  [
    14,
    (pick, number) =>
      `-- AddForeignKey\nALTER TABLE "${pick(tables)}" ADD CONSTRAINT "fk_${String(number)}" FOREIGN KEY ("${pick(columns)}") REFERENCES "${pick(tables)}"("id") ON DELETE SET NULL ON UPDATE CASCADE;`
  ],
  [5, (pick) => `-- DropForeignKey\nALTER TABLE "${pick(tables)}" DROP CONSTRAINT "${pick(tables)}_fkey";`],
  [4, (pick) => `-- AlterTable\nALTER TABLE "${pick(tables)}" DROP COLUMN "${pick(columns)}";`],
  [2, (pick, number) => `-- DropIndex\nDROP INDEX "idx_${String(number)}";`],
  [2, (pick) => `-- DropTable\nDROP TABLE "${pick(tables)}";`],
  [3, (pick, number) => `-- CreateEnum\nCREATE TYPE "Kind${String(number)}" AS ENUM ('A', 'B', 'ÄÖÜ');`],
  [4, (_, number) => `-- AlterEnum\nALTER TYPE "Kind" ADD VALUE 'V${String(number)}';`],
  [
    2,
    (pick) =>
      `-- AlterTable\nALTER TABLE "${pick(tables)}" ALTER COLUMN "${pick(columns)}" SET NOT NULL,\nALTER COLUMN "${pick(columns)}" SET DATA TYPE ${pick(types)};`
  ],
  [
    3,
    (pick) =>
      `-- Backfill 🐘\nUPDATE "${pick(tables)}" SET "${pick(columns)}" = ${pick(defaults)} WHERE "${pick(columns)}" IS NULL;`
  ],
  [1, (pick) => `INSERT INTO "${pick(tables)}" ("id") VALUES ('a'), ('b; -- c');`],
  [
    1,
    (pick) =>
      `DO $$\nBEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_class) THEN\n    ALTER TABLE "${pick(tables)}" ADD COLUMN "${pick(columns)}" INTEGER;\n  END IF;\nEND $$;`
  ],
  [
    1,
    (_, number) =>
      `CREATE OR REPLACE FUNCTION f${String(number)}() RETURNS trigger AS $body$\nBEGIN\n  RETURN NEW;\nEND;\n$body$ LANGUAGE plpgsql;`
  ]
]

/** A history of Prisma: the same for the same seed. Half of the migrations have one statement, as in real ones. */
export function prismaHistory(seed: number, migrations: number): readonly GeneratedMigration[] {
  const random = randomFrom(seed)
  const pick: Pick = (from) => from[random(from.length)] ?? ''
  return Array.from({ length: migrations }, (_, index) => {
    const statements = random(2) === 0 ? 1 : 2 + random(9)
    const sql = Array.from({ length: statements }, (__, statement) => writerOf(random)(pick, index * 100 + statement))
    const day = new Date(Date.UTC(2024, 0, 1) + index * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 14)
    return { version: day, name: `change_${String(index)}`, sql: `${sql.join('\n\n')}\n` }
  })
}

function writerOf(random: (below: number) => number): Writer {
  let left = random(writers.reduce((sum, [weight]) => sum + weight, 0))
  const found = writers.find(([weight]) => (left -= weight) < 0)
  if (found === undefined) throw new TypeError('weights add up')
  return found[1]
}
