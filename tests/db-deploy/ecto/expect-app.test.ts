import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { expectApp, readExpectedApplications } from '../../../actions/db-deploy/ecto/expect-app.ts'
import { folderWith, programsIn } from '../../hex-publish/programs.ts'
import { testWorld } from '../../support/world.ts'

const rel = (version: string, schema: string): string => `%% coding: utf-8
{release,{"app","${version}"},
         {erts,"13.1.5"},
         [{kernel,"8.5.4",permanent},
          {diwa_schema,"${schema}",permanent},
          {app,"${version}",permanent}]}.
`

async function told(files: Readonly<Record<string, string>>, expectations: readonly string[], binary?: string) {
  const folder = folderWith(files)
  const script = binary === undefined ? undefined : join(programsIn(join(folder, 'bin'), { app: binary }), 'app')
  const checks = await expectApp(expectations, folder, script, { PATH: process.env['PATH'] }, testWorld())
  return checks.map((check) =>
    'problem' in check ? [check.result, check.problem.code, check.told] : [check.result, check.told]
  )
}

describe('the version of an application', () => {
  test('is that of the release that starts, not of one that was there before', async () => {
    const files = {
      'releases/1.0.0/app.rel': rel('1.0.0', '0.0.9'),
      'releases/1.1.0/app.rel': rel('1.1.0', '0.1.0'),
      'releases/start_erl.data': '13.1.5 1.1.0'
    }
    expect(await told(files, ['diwa_schema=0.1.0'])).toEqual([['ok', '0.1.0, by releases/1.1.0/app.rel']])
  })

  test('fails where it is another, and where it is not part of the release', async () => {
    const files = { '_build/prod/rel/app/releases/1.0.0/app.rel': rel('1.0.0', '0.0.9') }
    expect(await told(files, ['diwa_schema=0.1.0', 'diwa_agent=2.0.0'])).toEqual([
      ['failed', 'expect-app-version', expect.stringContaining('is 0.0.9')],
      ['failed', 'expect-app-version', expect.stringContaining('is not part of it')]
    ])
  })

  test('is asked of the release where it has no .rel file', async () => {
    const script =
      "console.log(args[1].includes('Application.load(:diwa_schema)') ? \"version of diwa_schema: '0.1.0'\" : '')"
    expect(await told({}, ['diwa_schema=0.1.0'], script)).toEqual([['ok', '0.1.0, by the release']])
  })

  test('is not part of a release that knows nothing of it', async () => {
    const script = "console.log('version of diwa_schema: nil')"
    expect(await told({}, ['diwa_schema=0.1.0'], script)).toEqual([
      ['failed', 'expect-app-version', expect.stringContaining('is not part of it')]
    ])
  })

  test('fails where the release prints nothing, though it ends with 0', async () => {
    expect(await told({}, ['diwa_schema=0.1.0'], '')).toEqual([
      ['failed', 'expect-app-version', expect.stringContaining('release-binary')]
    ])
  })

  test('fails where nothing is there that would tell it', async () => {
    expect(await told({}, ['diwa_schema=0.1.0'])).toEqual([
      ['failed', 'expect-app-version', expect.stringContaining('no release')]
    ])
  })

  test('is that of the release for production where others are built, too', async () => {
    const files = {
      '_build/dev/rel/app/releases/1.0.0/app.rel': rel('1.0.0', '0.0.9'),
      '_build/prod/rel/app/releases/1.0.0/app.rel': rel('1.0.0', '0.1.0')
    }
    expect(await told(files, ['diwa_schema=0.1.0'])).toEqual([['ok', expect.stringContaining('_build/prod')]])
  })

  test('is that of what Mix compiled where there is no release', async () => {
    const files = { '_build/dev/lib/diwa_schema/ebin/diwa_schema.app': '{application,diwa_schema,[{vsn,"0.1.0"}]}.' }
    expect(await told(files, ['diwa_schema=0.1.0'])).toEqual([['ok', expect.stringContaining('0.1.0')]])
  })

  test('is that of what Mix compiled, and not of a release beside it, unless its binary is named', async () => {
    const files = {
      '_build/dev/lib/diwa_schema/ebin/diwa_schema.app': '{application,diwa_schema,[{vsn,"0.2.0"}]}.',
      '_build/dev/rel/app/releases/1.0.0/app.rel': rel('1.0.0', '0.1.0'),
      'releases/1.0.0/app.rel': rel('1.0.0', '0.1.0')
    }
    expect(await told(files, ['diwa_schema=0.1.0'])).toEqual([
      ['failed', 'expect-app-version', expect.stringContaining('is 0.2.0, by _build/dev/lib')]
    ])
    expect(await told({ ...files, 'bin/releases/1.0.0/x': '' }, ['diwa_schema=0.1.0'], '')).toEqual([
      ['ok', '0.1.0, by releases/1.0.0/app.rel']
    ])
  })

  test('of another root than that of release-binary does not count', async () => {
    const files = { '_build/prod/rel/app/releases/1.0.0/app.rel': rel('1.0.0', '0.1.0') }
    expect(await told(files, ['diwa_schema=0.1.0'], 'console.log("version of diwa_schema: \'0.3.0\'")')).toEqual([
      ['failed', 'expect-app-version', expect.stringContaining('is 0.3.0, by the release')]
    ])
  })

  test('of an application that was not compiled is told with those that were', async () => {
    const files = {
      '_build/dev/lib/app/ebin/app.app': '{application,app,[{vsn,"1.0.0"}]}.',
      '_build/dev/lib/ecto/ebin/ecto.app': '{application,ecto,[{vsn,"3.0.0"}]}.'
    }
    expect(await told(files, ['diwa_schema=0.1.0'])).toEqual([
      ['failed', 'expect-app-version', 'is not part of it (there are app, ecto), by _build/dev/lib; expected is 0.1.0']
    ])
  })

  test('that is written in another way is a problem of the input', () => {
    expect(readExpectedApplications(['a=1.0.0', 'diwa_schema >= 0.1'])).toEqual({
      expectations: [{ name: 'a', version: '1.0.0' }],
      problems: [expect.objectContaining({ code: 'expect-app-invalid', message: expect.stringContaining('>= 0.1') })]
    })
  })
})
