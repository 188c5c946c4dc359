import { randomFrom } from './random.ts'

export interface SchemaFile {
  readonly path: string
  readonly text: string
}

const scalars = ['String', 'Boolean', 'Int', 'BigInt', 'Float', 'Decimal', 'DateTime', 'Json', 'Bytes']
const schemas = ['public', 'auth', 'Ünï.cödé']
const comments = ['', ' // } model X {', ' /// @@map("no")', ' /* @ignore */', ' // "']
const odd = ['the name', 'Größe', 'it\\"s', 'back\\\\slash', '日本', 'a.b', '@@map', '// no comment', 'select']

/** Schemas of Prisma for PostgreSQL, valid ones, each of three files besides that with the datasource; the same for the same seed. */
export function createPrismaSchemas(seed: number, count: number): readonly (readonly SchemaFile[])[] {
  const random = randomFrom(seed)
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T
  const chance = (percent: number): boolean => random(100) < percent
  let number = 0
  const fresh = (): number => ++number

  const map = (at: '@' | '@@'): string => {
    if (!chance(30)) return ''
    const text = `"${pick(odd)} ${fresh()}"`
    return chance(50) ? ` ${at}map(${text})` : ` ${at}map( name : ${text} )`
  }
  const field = (enums: readonly string[]): string => {
    const name = `f${fresh()}`
    const comment = pick(comments)
    if (chance(8)) return `  ${name} Unsupported("thing(${number}, 'x')")?${map('@')}${comment}`
    const isEnum = enums.length > 0 && chance(20)
    const arity = pick(['', '', '?', '[]'])
    const ignored = chance(8) ? ' @ignore' : ''
    const type = isEnum ? pick(enums) : pick(scalars)
    const unique = arity === '' && chance(10) ? ` @unique` : ''
    const defaulted = type === 'String' && arity === '' && chance(30) ? ` @default("{ \\"} @map(\\" // ${number}")` : ''
    return `  ${name}   ${type}${arity}${unique}${map('@')}${defaulted}${ignored}${comment}`
  }
  const body = (fields: readonly string[], schema: string): string =>
    [...fields, '', `  @@schema("${schema}")`, `  ${map('@@')}`].join('\n')

  const one = (): readonly SchemaFile[] => {
    const enums = Array.from({ length: random(4) }, () => `Enum${fresh()}`)
    const models = Array.from({ length: 2 + random(14) }, () => ({
      name: `${pick(['User', 'a', 'Zed', 'M_', 'model', 'view'])}${fresh()}`,
      fields: ['  id Int @id'],
      schema: pick(schemas)
    }))
    for (const model of models) {
      model.fields.push(...Array.from({ length: random(9) }, () => field(enums)))
      relate(model, pick(models))
    }
    const blocks = [
      ...models.map(
        ({ name, fields, schema }) =>
          `${pick(comments)}\nmodel ${name}${pick([' ', '', '   '])}{\n${body(fields, schema)}\n}`
      ),
      ...enums.map((name) => `enum ${name} {\n  A${map('@')}\n  B // }\n  @@schema("${pick(schemas)}")\n}`),
      `view V${fresh()} {\n${body(['  id Int', field(enums)], 'public')}\n}`,
      `model Gone${fresh()} {\n  x Int?\n  @@ignore\n  @@schema("public")\n}`
    ]
    const texts = ['', '', '']
    for (const block of blocks) {
      const at = random(3)
      texts[at] = `${texts[at] ?? ''}${block}\n\n`
    }
    return texts.map((text, at) => ({ path: `schema/part-${at}.prisma`, text }))
  }

  interface Model {
    readonly name: string
    readonly fields: string[]
  }
  /** One to many, or many to many, with a name or without where that is the only one between the two. */
  const relate = (model: Model, other: Model): void => {
    const relation = `R${fresh()}`
    const named = chance(50) ? `"${relation}"` : `name: "${relation}"`
    const between = new RegExp(`\\s(?:${other.name})(?:\\[\\]|\\?)? `)
    const alone = model !== other && !between.test(`${model.fields.join(' \n')} `)
    if (chance(50)) {
      const attribute = alone && chance(50) ? '' : ` @relation(${named})`
      model.fields.push(`  m${fresh()} ${other.name}[]${attribute} `)
      other.fields.push(`  n${fresh()} ${model.name}[]${attribute} `)
    } else {
      const key = `k${fresh()}`
      model.fields.push(`  ${key} Int${map('@')}`)
      model.fields.push(
        `  o${fresh()} ${other.name} @relation(${named}, fields: [${key}], references: [id], onDelete: NoAction)`
      )
      other.fields.push(`  p${fresh()} ${model.name}[] @relation(${named}) `)
    }
  }
  return Array.from({ length: count }, one)
}
