// needs: python3
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { readDistribution } from '../../actions/pypi-publish/distribution.ts'
import { uploadForm } from '../../actions/pypi-publish/form.ts'
import { multipartBody } from '../../actions/pypi-publish/multipart.ts'
import { readFormData } from '../support/form-data.ts'
import { serve } from '../support/loopback.ts'
import { pythonWith } from '../support/python.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { testHttp } from '../support/world.ts'

const execute = promisify(execFile)

/** twine says on its standard output what went wrong. */
async function run(program: string, parameters: readonly string[]): Promise<void> {
  try {
    await execute(program, parameters)
  } catch (error) {
    const said = typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : ''
    throw new Error(`${said.slice(-2000)}\n${String(error).slice(0, 300)}`, { cause: error })
  }
}

// Metadata 2.1 to 2.5, made by eight build backends.
const wheels = [
  'pyyaml==6.0.2',
  'six==1.16.0',
  'setuptools==76.0.0',
  'tomlkit==0.13.2',
  'flask==3.1.2',
  'requests==2.32.5',
  'attrs==26.1.0',
  'poetry-core==2.1.3',
  'rich==15.0.0',
  'jinja2==3.1.6',
  'hatchling==1.33.0',
  'pytest==9.2.0'
]
/** pip asks the build backend for the metadata of an sdist; these backends are installed beside it. */
const backends = ['flit_core==4.2.0', 'setuptools==76.0.0']
const sdists = [
  'six==1.16.0',
  'idna==3.20',
  'packaging==26.3',
  'requests==2.32.5',
  'certifi==2026.10.18',
  'flit_core==4.2.0'
]

type Form = readonly string[]
const received: { readonly client: 'ours' | 'twine'; readonly filename: string; readonly form: Form }[] = []
const folder = temporaryFolder('twine-form')
let filenames: string[] = []

beforeAll(async () => {
  const python = await pythonWith(['twine==7.0.0', ...backends])
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder]
  await run(python, [...pip, '--only-binary=:all:', ...wheels])
  await run(python, [...pip, '--no-binary=:all:', '--no-build-isolation', ...sdists])
  filenames = readdirSync(folder).sort()

  const { url } = await serve((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const parts = readFormData(request.headers['content-type'] ?? '', Buffer.concat(chunks))
      received.push({
        client: request.headers['user-agent']?.includes('twine') === true ? 'twine' : 'ours',
        filename: parts.find(({ name }) => name === 'content')?.filename ?? '',
        // The order of fields is free, and twine's differs from run to run.
        form: parts
          .map(({ name, filename, type, content }) =>
            filename === undefined
              ? `${name}=${content.toString()}`
              : `${name}: ${filename} ${type ?? ''} ${content.toString('base64')}`
          )
          .sort()
      })
      response.end()
    })
  })
  await run(python, [
    ...['-m', 'twine', 'upload', '--non-interactive', '--disable-progress-bar', '--repository-url', `${url}/legacy/`],
    ...['--username', 'someone', '--password', 'something', ...filenames.map((name) => join(folder, name))]
  ])
  const http = testHttp()
  for (const filename of filenames) {
    const path = join(folder, filename)
    const { distribution } = await readDistribution(path, filename)
    if (distribution === undefined) throw new Error(`${filename} could not be read`)
    const { size, sha256 } = distribution
    const body = multipartBody(uploadForm(distribution), { field: 'content', filename, path, size, sha256 })
    await http({ method: 'POST', url: `${url}/legacy/`, body })
  }
  http.close()
})

function formOf(client: 'ours' | 'twine', filename: string): Form | undefined {
  return received.find((each) => each.client === client && each.filename === filename)?.form
}

describe('the upload form', () => {
  test('is tried on real distributions of at least ten projects, with metadata 2.1 to 2.4', () => {
    const twines = received.filter(({ client }) => client === 'twine').map(({ form }) => form)
    const names = twines.map((form) => form.find((field) => field.startsWith('name=')))
    const versions = twines.map((form) => form.find((field) => field.startsWith('metadata_version='))?.split('=')[1])
    expect(new Set(names).size).toBeGreaterThanOrEqual(10)
    expect([...new Set(versions)]).toEqual(expect.arrayContaining(['2.1', '2.2', '2.3', '2.4']))
    expect(twines).toHaveLength(wheels.length + sdists.length)
  })

  test('is twine’s, field by field and byte for byte', () => {
    for (const filename of filenames) {
      // Import names came with metadata 2.5; twine 7 leaves them out, and indexes read them.
      const ours = formOf('ours', filename)?.filter((field) => !/^import_name(?:space)?=/.test(field))
      expect({ filename, form: ours }).toEqual({ filename, form: formOf('twine', filename) })
    }
  })
})
