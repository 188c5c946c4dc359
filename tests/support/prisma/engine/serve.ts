import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { makeAdapter } from './adapter.ts'
import type { EngineArguments } from './arguments.ts'
import { readConnection } from './connection.ts'
import { load, resolveIn, type AdapterFactory, type SchemaEngine, type SchemaEngineModule } from './packages.ts'
import { scriptFailure } from './script-failure.ts'

interface Service {
  readonly packages: string
  readonly whole: boolean
  readonly given: EngineArguments
}

interface Request {
  readonly id: number
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Answers JSON-RPC, one request a line, until the input ends and all is answered. */
export async function serve(service: Service): Promise<void> {
  let refusal: unknown
  let shadowUrl = service.given.shadowUrl
  const notify = (content: string): void => {
    send({ jsonrpc: '2.0', id: ++notified, method: 'print', params: { content } })
  }
  const adapter = makeAdapter({
    packages: service.packages,
    connection: readConnection(service.given.url()),
    shadow: () => (shadowUrl === undefined ? undefined : readConnection(shadowUrl)),
    whole: service.whole,
    refused: (error) => {
      refusal = error
    },
    applying: (name) => {
      notify(`Applying migration \`${name}\`\n`)
    }
  })
  const engine = await startEngine(service, adapter)
  const open = new Set<Promise<void>>()

  const answer = async ({ id, method, params }: Request): Promise<void> => {
    // 6 names the shadow database in the request.
    if (typeof params['shadowDatabaseUrl'] === 'string') shadowUrl = params['shadowDatabaseUrl']
    try {
      const run = engine[renamed[method] ?? method]
      if (run === undefined) throw new Error(`the stand-in has no method ${method}`)
      const result = await run.call(engine, params)
      send({ jsonrpc: '2.0', id, result: printed(result, notify) ?? null })
    } catch (error) {
      const known = method === 'applyMigrations' ? scriptFailure(error, refusal) : undefined
      const { message, code, meta } = known ?? read(error)
      const data = { is_panic: false, message, error_code: code, meta: meta ?? null }
      send({
        jsonrpc: '2.0',
        id,
        error: { code: 4466, message: 'An error happened. Check the data field for details.', data }
      })
    }
  }

  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Partial<Request>
    // Answers to what was printed have no method.
    if (request.id === undefined || request.method === undefined) continue
    const running = answer({ id: request.id, method: request.method, params: request.params ?? {} })
    open.add(running)
    void running.finally(() => open.delete(running))
  }
  await Promise.all(open)
  // The pool keeps its connection, and with it the process, until it is told.
  process.exit(0)
}

/** The engine as WebAssembly has other names for two of the native one's methods. */
const renamed: Readonly<Record<string, string>> = { getDatabaseVersion: 'version' }

/** Above what the CLI gives its own requests. */
let notified = 100_000

function send(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** The native engine prints a difference, and answers without it. */
function printed(result: unknown, print: (content: string) => void): unknown {
  if (typeof result !== 'object' || result === null || !('stdout' in result)) return result
  const { stdout, ...rest } = result
  if (typeof stdout === 'string') print(stdout)
  return rest
}

function read(error: unknown): { message: string; code?: unknown; meta?: unknown } {
  if (!(error instanceof Error)) return { message: String(error) }
  return {
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...('meta' in error ? { meta: error.meta } : {})
  }
}

async function startEngine({ packages, given }: Service, adapter: AdapterFactory): Promise<SchemaEngine> {
  // The engine tells a panic to whoever stands there.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => process.stderr.write(`PANIC ${message}\n`) }
  })
  const folder = dirname(resolveIn(packages, '@prisma/schema-engine-wasm'))
  const module = (await import(pathToFileURL(join(folder, 'schema_engine_bg.js')).href)) as SchemaEngineModule
  const bytes = readFileSync(join(folder, 'schema_engine_bg.wasm'))
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { './schema_engine_bg.js': module })
  module.__wbg_set_wasm(exports)
  exports.__wbindgen_start()
  const { bindMigrationAwareSqlAdapterFactory: bind } = load(packages, '@prisma/driver-adapter-utils')
  const datamodels = given.schemas.length === 0 ? undefined : given.schemas
  return module.SchemaEngine.new({ datamodels }, () => undefined, bind(adapter))
}

/** Node's; TypeScript has it with the types of browsers only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object
  ) => { readonly exports: { readonly __wbindgen_start: () => void } }
}
