import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A Mix project that takes `diwa_schema` from Hex, after `mix deps.get`; each part can be another, or missing. */
export interface Consumer {
  readonly mixExs?: string | undefined
  readonly mixLock?: string | undefined
  /** Files of `deps/diwa_schema`; undefined takes one away. */
  readonly unpacked?: Readonly<Record<string, string | Buffer | undefined>>
  /** Whether there is a `deps` folder at all. */
  readonly fetched?: boolean
}

export const innerChecksum = 'a1'.repeat(32)
export const outerChecksum = 'ccb50730'.repeat(8)

/** Writes the project into the folder. */
export function writeConsumer(folder: string, consumer: Consumer = {}): void {
  const { mixExs = consumerMixExs(), mixLock = lockOf(lockedEntry()), fetched = true } = consumer
  const files: Record<string, string | Buffer | undefined> = {
    'mix.exs': 'mixExs' in consumer ? consumer.mixExs : mixExs,
    'mix.lock': 'mixLock' in consumer ? consumer.mixLock : mixLock
  }
  const unpacked: Readonly<Record<string, string | Buffer | undefined>> = {
    '.hex': manifestBytes(),
    'hex_metadata.config': metadataOf('0.1.0'),
    'mix.exs': 'defmodule DiwaSchema.MixProject do\nend\n',
    'priv/repo/migrations/20260101000000_create_orders.exs': 'defmodule CreateOrders do\nend\n',
    ...consumer.unpacked
  }
  if (fetched) for (const [path, content] of Object.entries(unpacked)) files[`deps/diwa_schema/${path}`] = content
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [path, content] of Object.entries(files)) {
    if (content === undefined) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

/** A mix.exs whose list of dependencies holds these lines of Elixir. */
export function consumerMixExs(...dependencies: readonly string[]): string {
  const lines = dependencies.length === 0 ? ['{:diwa_schema, "~> 0.1"}'] : dependencies
  return `defmodule Shop.MixProject do
  use Mix.Project

  def project do
    [
      app: :shop,
      version: "1.0.0",
      elixir: "~> 1.14",
      deps: deps()
    ]
  end

  defp deps do
    [
      ${lines.join(',\n      ')}
    ]
  end
end
`
}

/** A mix.lock as Mix writes it. */
export function lockOf(...entries: readonly string[]): string {
  return `%{\n${entries.map((entry) => `  ${entry},\n`).join('')}}\n`
}

export interface LockedFields {
  readonly version?: string
  readonly package?: string
  readonly repository?: string
  readonly inner?: string
  readonly outer?: string
}

export function lockedEntry(fields: LockedFields = {}): string {
  const { version = '0.1.0', repository = 'hexpm', inner = innerChecksum, outer = outerChecksum } = fields
  return `"diwa_schema": {:hex, :${fields.package ?? 'diwa_schema'}, "${version}", "${inner}", [:mix], [], "${repository}", "${outer}"}`
}

/** `hex_metadata.config` as Hex unpacks it. */
export function metadataOf(version: string): string {
  return [
    '{<<"app">>,<<"diwa_schema">>}.',
    '{<<"build_tools">>,[<<"mix">>]}.',
    '{<<"files">>,[<<"mix.exs">>]}.',
    '{<<"name">>,<<"diwa_schema">>}.',
    '{<<"requirements">>,[]}.',
    `{<<"version">>,<<"${version}">>}.`,
    ''
  ].join('\n')
}

/**
 * `deps/NAME/.hex` as `term_to_binary` writes it.
 *
 * @param otp atoms have another tag since OTP 26
 */
export function manifestBytes(fields: LockedFields = {}, otp: 25 | 26 = 26): Buffer {
  const atom = (name: string): Buffer =>
    Buffer.concat([Buffer.from(otp === 26 ? [119, name.length] : [100, 0, name.length]), Buffer.from(name)])
  const values: readonly (readonly [string, Buffer])[] = [
    ['managers', Buffer.concat([Buffer.from([108, 0, 0, 0, 1]), atom('mix'), Buffer.from([106])])],
    ['name', binary(fields.package ?? 'diwa_schema')],
    ['version', binary(fields.version ?? '0.1.0')],
    ['repo', binary(fields.repository ?? 'hexpm')],
    ['inner_checksum', binary(fields.inner ?? innerChecksum)],
    ['outer_checksum', binary(fields.outer ?? outerChecksum)]
  ]
  return Buffer.concat([
    Buffer.from([131, 104, 2, 104, 3]),
    atom('hex'),
    Buffer.from([97, 2, 97, 0, 116, 0, 0, 0, values.length]),
    ...values.flatMap(([key, value]) => [atom(key), value])
  ])
}

function binary(text: string): Buffer {
  const header = Buffer.alloc(5, 109)
  header.writeUInt32BE(Buffer.byteLength(text), 1)
  return Buffer.concat([header, Buffer.from(text)])
}
