// needs: python3, escript, rebar3
// Documentation as we pack it, read by those that must: Python's tarfile, OTP's erl_tar, and the hex_core that rebar3
// carries, whose successor unpacks it for hexdocs.pm.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import { packDocs } from '../../actions/hex-publish/docs-archive.ts'
import { withToolFolder } from '../../scripts/tools.ts'
import { temporaryFolder } from '../support/run-action.ts'

const execute = promisify(execFile)

const ascii: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html>',
  'empty.html': '',
  'a b.html': 'a space',
  'dist/block.bin': 'x'.repeat(512),
  'dist/more.bin': 'y'.repeat(513),
  ['n'.repeat(100)]: 'a hundred',
  [`${'f'.repeat(120)}/${'n'.repeat(90)}`]: 'in two parts',
  [`${'f'.repeat(155)}/${'n'.repeat(100)}`]: 'the most that two parts hold',
  [`${'f'.repeat(156)}/${'n'.repeat(90)}`]: 'too long for two parts',
  [`${'n'.repeat(101)}.html`]: 'no folder to divide it at'
}
const unicode: Readonly<Record<string, string>> = {
  'index.html': '',
  'Größe.html': 'ö',
  '日本語/ページ.html': 'ページ',
  [`ü${'x'.repeat(87)}`]: '',
  [`ü${'x'.repeat(88)}`]: ''
}

/** Packs the files, and gives the path of the archive. */
async function archiveOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = temporaryFolder('docs')
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  const packed = await packDocs(folder, 'doc')
  if ('problems' in packed) throw new Error(JSON.stringify(packed.problems))
  const path = join(temporaryFolder('docs'), 'docs.tar.gz')
  writeFileSync(path, packed.bytes)
  return path
}

/** The names with the hashes of their contents, sorted, as the programs below print them. */
function hashesOf(files: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(files)
    .map(([name, content]) => `${name}\t${createHash('sha256').update(content).digest('hex')}`)
    .sort()
}

async function said(program: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await execute(program, args, { env: withToolFolder({ ...process.env, LANG: 'C.UTF-8' }) })
  return stdout.trimEnd().split('\n')
}

const tarfile = `
import hashlib, sys, tarfile
sys.stdout.reconfigure(encoding="utf-8")
with tarfile.open(sys.argv[1], "r:gz") as archive:
    for member in archive:
        assert member.isreg() and member.mode == 0o644 and member.uid == member.gid == 0 and member.mtime == 946684800, member
        print(member.name, hashlib.sha256(archive.extractfile(member).read()).hexdigest(), sep="\\t")
`

test.each([
  ['plain names', ascii],
  ['names beyond ASCII', unicode]
])('Python reads %s, with fixed times, owners and modes', async (_, files) => {
  const read = await said('python3', '-c', tarfile, await archiveOf(files))
  expect([...read].sort()).toEqual(hashesOf(files))
})

test('hex_core unpacks every plain name, of any length', async () => {
  const read = await said('escript', join(import.meta.dirname, 'hex-core', 'docs.escript'), await archiveOf(ascii))
  expect([...read].sort()).toEqual(hashesOf(ascii))
})

test('erl_tar of OTP, which the hex_core of today is made from, reads names beyond ASCII', async () => {
  const program = join(temporaryFolder('docs'), 'read.escript')
  writeFileSync(
    program,
    `#!/usr/bin/env escript
%%! +fnu
main([Path]) ->
    ok = io:setopts([{encoding, unicode}]),
    {ok, Contents} = erl_tar:extract(Path, [memory, compressed]),
    [io:format("~ts\\t~s~n", [Name, string:lowercase(binary:encode_hex(crypto:hash(sha256, Bytes)))]) || {Name, Bytes} <- Contents].
`
  )
  const read = await said('escript', program, await archiveOf(unicode))
  expect([...read].sort()).toEqual(hashesOf(unicode))
})
