import { expect, test } from '@jest/globals'
import { readPrismaModels } from '../../../actions/db-deploy/verification/prisma-models.ts'
import { prismaSchema } from './smoking.ts'

function columns(text: string): readonly string[] {
  return prismaSchema(text).models.flatMap(({ name, fields }) => fields.map(({ column }) => `${name}.${column}`))
}

test('columns are those of scalars, enums and Unsupported; relations have none', () => {
  const { models, problems } = prismaSchema(`
    model User {
      id    Int @id @default(autoincrement())
      roles Role[]
      posts Post[]
      spot  Unsupported("geography(Point, 4326)")? @map("geo")
    }
    model Post { // one line of code behind a comment
      authorId Int  @map("author_id")
      author   User @relation(fields: [authorId], references: [id])
    }
    enum Role { ADMIN @map("admin") }`)
  expect(problems).toEqual([])
  expect(
    models.map(({ name, fields }) => [name, fields.map((field) => [field.column, field.kind, field.type, field.arity])])
  ).toEqual([
    [
      'User',
      [
        ['id', 'scalar', 'Int', 'required'],
        ['roles', 'enum', 'Role', 'list'],
        ['geo', 'unsupported', 'geography(Point, 4326)', 'optional']
      ]
    ],
    ['Post', [['author_id', 'scalar', 'Int', 'required']]]
  ])
})

test('map, schema and ignore are read from attributes of any form', () => {
  const { models } = prismaSchema(`
    model A {
      x Int @id(map: "pk_a") @map(name: "the x")
      y Int @ignore @db.SmallInt
      @@map(name: "t\\u00e4ble \\"a\\"")
      @@schema("auth")
      @@index([x], map: "idx", type: BTree)
    }
    view B { x Int @@ignore
    }`)
  expect(models).toMatchObject([
    {
      kind: 'model',
      table: 'täble "a"',
      schema: 'auth',
      ignored: false,
      line: 2,
      fields: [
        { name: 'x', column: 'the x', ignored: false, line: 3 },
        { name: 'y', column: 'y', ignored: true }
      ]
    },
    { kind: 'view', table: 'B', schema: undefined, ignored: true }
  ])
})

test('what looks like code in strings and comments is none', () => {
  expect(
    columns(`
    /* model Gone { x Int } */
    model A { /// } not the end
      a String @default("} model B { // \\" @map(")
      // b Int
      /* c Int
         d Int */
      e Json @default("{\\"k\\": [1]}")
    }
    generator g { provider = "p" output = "../{x}" }`)
  ).toEqual(['A.a', 'A.e'])
})

test('models, enums and relations stand in any file of a schema, whatever its line ends and byte order mark', () => {
  const { models, joinTables, problems } = readPrismaModels([
    { path: 'schema/a.prisma', text: '\ufeffmodel A {\r\n  id Int @id\r\n  kind Kind\r\n  bs B[]\r\n}\r\n' },
    { path: 'schema/b.prisma', text: 'model B {\n  id Int @id\n  as A[]\n}\nenum Kind { X }' }
  ])
  expect(problems).toEqual([])
  expect(models.map(({ name, file, line, fields }) => [name, file, line, fields.length])).toEqual([
    ['A', 'schema/a.prisma', 1, 2],
    ['B', 'schema/b.prisma', 1, 1]
  ])
  expect(joinTables).toEqual([{ table: '_AToB', schema: undefined, models: ['A', 'B'] }])
})

test('tables of many to many are those of lists on both ends: by name, to itself, in the schema of the first', () => {
  const { joinTables } = prismaSchema(`
    model Zebra { id Int @id
      likes Ape[] @relation("Likes")
      liked Ape[] @relation(name: "Liked")
      many  Ape[]
      one   Ape? @relation("One", fields: [id], references: [id])
      friends Zebra[] @relation("Friends")
      friendOf Zebra[] @relation("Friends")
      @@schema("b")
    }
    model Ape { id Int @id
      likedBy Zebra[] @relation("Likes")
      likedTo Zebra[] @relation(name: "Liked")
      zebras  Zebra[]
      ones    Zebra[] @relation("One")
      @@schema("a")
    }`)
  expect(joinTables.map(({ table, schema }) => `${schema ?? ''}.${table}`)).toEqual([
    'a._Likes',
    'a._Liked',
    'a._ApeToZebra',
    'b._Friends'
  ])
})

test('a type that nothing has, and text that is no schema, are told with file and line', () => {
  const { problems } = prismaSchema('model A {\n  id Int @id\n  x Imt\n}\nmodel {\n')
  expect(problems.map(({ file, line }) => [file, line])).toEqual([
    ['prisma/schema.prisma', 5],
    ['prisma/schema.prisma', 3]
  ])
})

test.each([
  'model A {\n  id Int @id',
  'model A { id Int @map("x',
  'model A { ! }',
  'model',
  '}',
  'model A { id Int @x(((',
  '/*',
  '"'
])('broken text ends: %j', (text) => {
  expect(prismaSchema(text).models.length).toBeLessThanOrEqual(1)
})
