// needs: act, python3, gh
// Programs that others wrote, in run: steps, with their own defaults: they reach the sandbox under the real host names.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { exitCodes } from '../../rehearse/closing.ts'
import { rehearseWith, rehearseWorkflow } from '../rehearse/rehearse-folder.ts'
import { temporaryFolder } from '../support/run-action.ts'

const project = join(import.meta.dirname, '..', '..')

/** Writes a wheel with nothing in it but its metadata. */
const makeWheel = `
import base64, hashlib, os, sys, zipfile
name, version = sys.argv[1:]
info = f'{name}-{version}.dist-info'
files = {
    f'{name}.py': b'answer = 42\\n',
    f'{info}/METADATA': f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n'.encode(),
    f'{info}/WHEEL': b'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
}
record = ''.join(f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\\n" for path, data in files.items())
os.makedirs('dist', exist_ok=True)
with zipfile.ZipFile(f'dist/{name}-{version}-py3-none-any.whl', 'w') as wheel:
    for path, data in files.items():
        wheel.writestr(path, data)
    wheel.writestr(f'{info}/RECORD', record + f'{info}/RECORD,,\\n')
`

const filesOn = (outcome: Awaited<ReturnType<typeof rehearseWith>>['outcome'], index: string): string[] =>
  outcome.indexes
    .filter(({ name }) => name === index)
    .flatMap(({ projects }) =>
      projects.flatMap(({ releases }) => releases.flatMap(({ files }) => files.map((file) => file.name)))
    )

describe('run: steps', () => {
  test('twine, uv, pip, gh and curl find the sandbox', async () => {
    const { outcome, said } = await rehearseWorkflow(
      `
on: {push: {tags: ['v*']}}
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions: {contents: write}
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-python@v6
      - run: python -m pip install --quiet twine uv
      - run: python make_wheel.py rehearsed_one 1.0.0
      - run: twine upload --non-interactive --repository testpypi dist/*
        env: {TWINE_USERNAME: __token__, TWINE_PASSWORD: "\${{ secrets.TEST_PYPI_TOKEN }}"}
      - run: uv publish
        env: {UV_PUBLISH_TOKEN: "\${{ secrets.PYPI_TOKEN }}"}
      - run: python -m pip download --quiet --no-deps --dest back rehearsed-one==1.0.0 && cmp back/*.whl dist/*.whl
      - run: gh release create "$GITHUB_REF_NAME" --title One --notes "What is new" dist/*
        env: {GH_TOKEN: "\${{ github.token }}"}
      - run: test "$(curl -fsS https://api.github.com/repos/$GITHUB_REPOSITORY/releases/latest | python -c 'import json, sys; print(json.load(sys.stdin)["name"])')" = One`,
      { 'make_wheel.py': makeWheel }
    )
    expect({ exit: exitCodes[outcome.verdict], said }).toMatchObject({ exit: 0 })
    const wheel = 'rehearsed_one-1.0.0-py3-none-any.whl'
    expect(filesOn(outcome, 'PyPI')).toEqual([wheel])
    expect(filesOn(outcome, 'TestPyPI')).toEqual([wheel])
    expect(outcome.releases).toMatchObject([
      { tag: 'v1.0.0', title: 'One', notes: 'What is new', assets: [{ name: wheel }] }
    ])
    expect(outcome.presented).toEqual(
      expect.arrayContaining([
        { secret: 'PYPI_TOKEN', hosts: ['upload.pypi.org'] },
        { secret: 'TEST_PYPI_TOKEN', hosts: ['test.pypi.org'] }
      ])
    )
  })

  test('a token of one index opens nothing on the other', async () => {
    const { outcome, said } = await rehearseWorkflow(
      `
on: {push: {tags: ['v*']}}
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: python -m pip install --quiet twine
      - run: python make_wheel.py rehearsed_one 1.0.0 && twine upload --non-interactive dist/*
        env: {TWINE_USERNAME: __token__, TWINE_PASSWORD: "\${{ secrets.TEST_PYPI_TOKEN }}"}`,
      { 'make_wheel.py': makeWheel }
    )
    expect(exitCodes[outcome.verdict]).toBe(1)
    expect(said).toContain('403')
    expect(filesOn(outcome, 'PyPI')).toEqual([])
  })
})

describe('the smallest workflow of the README', () => {
  test('releases the example', async () => {
    const readme = readFileSync(join(project, 'README.md'), 'utf8')
    const workflow =
      readme
        .split('```yaml\n')
        .find((text) => text.includes('/pypi-publish@'))
        ?.split('```')[0] ?? ''
    const folder = join(temporaryFolder('readme'), 'python-lib')
    cpSync(join(project, 'examples', 'python-lib'), folder, { recursive: true })
    writeFileSync(join(folder, '.github', 'workflows', 'release.yml'), workflow)
    const { outcome, said } = await rehearseWith(['--repo', folder, '--tag', 'v0.2.0'])
    expect({ exit: exitCodes[outcome.verdict], said }).toMatchObject({ exit: 0 })
    expect(filesOn(outcome, 'PyPI')).toHaveLength(2)
    expect(outcome.releases).toMatchObject([{ tag: 'v0.2.0', assets: { length: 2 } }])
  })
})
