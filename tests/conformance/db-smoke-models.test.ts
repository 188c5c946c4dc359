import { expect, test } from '@jest/globals'
import { readPrismaModels, type PrismaSchemaFile } from '../../actions/db-deploy/verification/prisma-models.ts'
import { prismaParser, prismaParsers, type DmmfModel } from '../support/prisma-parser.ts'
import { createPrismaSchemas } from '../support/prisma-schemas.ts'

/**
 * Prisma's own parser judges our reader of models: both must say the same of every model, field, column, type and table of a
 * relation. What Prisma keeps from the client (`@ignore`, `@@ignore`, `Unsupported`) it does not say at all.
 */

interface Told {
  readonly models: readonly string[]
  readonly joinTables: readonly string[]
}

function ours(files: readonly PrismaSchemaFile[]): Told {
  const { models, joinTables, problems } = readPrismaModels(files)
  expect(problems).toEqual([])
  return {
    models: models
      .filter(({ ignored }) => !ignored)
      .map(({ name, table, schema, fields }) =>
        JSON.stringify({
          name,
          table,
          schema,
          fields: fields
            .filter(({ ignored, kind }) => !ignored && kind !== 'unsupported')
            .map((field) => [field.name, field.column, field.kind, field.type, field.arity])
        })
      )
      .toSorted(),
    joinTables: joinTables.map(({ table }) => table).toSorted()
  }
}

function theirs(models: readonly DmmfModel[]): Told {
  return {
    models: models
      .map(({ name, dbName, schema, fields }) =>
        JSON.stringify({
          name,
          table: dbName ?? name,
          schema: schema ?? undefined,
          fields: fields
            .filter(({ kind }) => kind === 'scalar' || kind === 'enum')
            .map((field) => [
              field.name,
              field.dbName ?? field.name,
              field.kind,
              field.type,
              field.isList ? 'list' : field.isRequired ? 'required' : 'optional'
            ])
        })
      )
      .toSorted(),
    joinTables: joinTablesOf(models)
  }
}

/** A relation of lists on both ends, neither of which names fields. */
function joinTablesOf(models: readonly DmmfModel[]): readonly string[] {
  const lists = models.flatMap(({ name, fields }) =>
    fields
      .filter(({ kind, isList, relationFromFields }) => kind === 'object' && isList && relationFromFields?.length === 0)
      .map((field) => ({ model: name, field }))
  )
  const names = lists.map(({ field }) => field.relationName ?? '')
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))].map((name) => `_${name}`).toSorted()
}

/** Prisma 6 asks for a URL in the schema, and Prisma 7 refuses one. */
function datasource(version: keyof typeof prismaParsers): PrismaSchemaFile {
  const url = version === '6.19' ? 'url = env("DATABASE_URL")' : ''
  const text = `datasource db {
  provider = "postgresql"
  ${url}
  schemas = ["public", "auth", "Ünï.cödé"]
  extensions = [vector, uuidOssp(map: "uuid-ossp", schema: "auth")]
}
generator client {
  provider = "prisma-client-js"
  previewFeatures = ["views", "postgresqlExtensions"]
  output = "../a {b} // c"
}
`
  return { path: 'schema/base.prisma', text }
}

const handWritten = String.raw`/* a comment
model Gone { id Int @id } */
/// of a model
model User { // behind it
  id       Int      @id @default(autoincrement()) /// of a field
  email    String?  @unique(map: "u_email") @map("e_mail") @db.VarChar(255)
  role     Role     @default(USER)
  roles    Role[]   @default([USER, ADMIN])
  numbers  Int[]    @default([1, 2, 3])
  posts    Post[]   @relation("Author")
  tags     Tag[]
  friends  User[]   @relation(name: "Friends")
  friendOf User[]   @relation("Friends")
  vector   Unsupported("vector(3)")?
  place    Unsupported("geography(Point, 4326)")? @map("geo")
  secret   String?  @ignore
  json     Json     @default("{\"a\": [1, \"} model X { // \"]}")
  /* inside */
  bytes    Bytes?
  when     DateTime @default(now()) @updatedAt @db.Timestamptz(3)
  big      BigInt  
  amount   Decimal  @default(1.50) @db.Decimal(10, 2)
  uuid     String   @default(dbgenerated("gen_random_uuid()")) @db.Uuid
  managerId Int?    @map(name: "manager id")
  manager  User?    @relation("Manages", fields: [managerId], references: [id], onDelete: SetNull, map: "fk_manager")
  manages  User[]   @relation("Manages")

  @@unique([email, role], map: "u_2", name: "both")
  @@index([email(ops: raw("text_ops"), sort: Desc)], type: BTree)
  @@map(name: "users")
  @@schema("auth")
}
model Post{
  id       Int  @id
  authorId Int  @map("author_id")
  author   User @relation("Author", fields: [authorId], references: [id])
  @@schema("public")
}
model Tag {
  id    Int @id
  users User[]
  @@map("täg \"x\" é \\ y")
  @@schema("Ünï.cödé")
}
model Old {
  x Int?
  @@ignore
  @@schema("public")
}
model Broken {
  id    Int @id
  oldId Int? @ignore
  @@schema("public")
}
view Info {
  id   Int
  name String? @map("the name")
  @@map("info_v")
  @@schema("public")
}
enum Role { // values
  USER  @map("user") /// of a value
  ADMIN
  @@map("user_role")
  @@schema("public")
}
`

const versions = Object.keys(prismaParsers) as (keyof typeof prismaParsers)[]

test.each(versions)('a schema of everything that the language has is read as by Prisma %s', (version) => {
  const files = [datasource(version), { path: 'schema/models.prisma', text: handWritten }]
  const told = ours(files)
  expect(told).toEqual(theirs(prismaParser(version).models(files)))
  expect(told.models).toHaveLength(5)
  expect(told.joinTables).toEqual(['_Friends', '_TagToUser'])
})

test.each(versions)('made-up schemas of several files are read as by Prisma %s', (version) => {
  const parser = prismaParser(version)
  let models = 0
  for (const schema of createPrismaSchemas(20_261_121, 60)) {
    const files = [datasource(version), ...schema]
    const judged = theirs(parser.models(files))
    expect(ours(files)).toEqual(judged)
    models += judged.models.length
  }
  expect(models).toBeGreaterThan(500)
})

test.each(versions)('line ends of Windows change nothing, as with Prisma %s', (version) => {
  const [schema = []] = createPrismaSchemas(7, 1)
  const files = [datasource(version), ...schema].map(({ path, text }) => ({
    path,
    text: text.replaceAll('\n', '\r\n')
  }))
  expect(ours(files)).toEqual(theirs(prismaParser(version).models(files)))
})
