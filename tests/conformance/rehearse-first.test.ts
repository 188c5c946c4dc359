// needs: act
// Releases that are rehearsed before another one's.
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { folderOf, rehearseWith } from '../rehearse/rehearse-folder.ts'

const publish = (command: string): string => `name: Release
on: {push: {tags: ['v*']}}
jobs:
  release:
    runs-on: ubuntu-latest
    permissions: {contents: write}
    env: {GH_TOKEN: "\${{ github.token }}", REPO: "\${{ github.repository }}"}
    steps: [{shell: bash, run: '${command}'}]
`
const release =
  'curl -sSf -X POST -H "Authorization: Bearer $GH_TOKEN" https://api.github.com/repos/$REPO/releases -d "{\\"tag_name\\":\\"$GITHUB_REF_NAME\\"}" > /dev/null'

const theLibrary =
  'curl -sSf https://api.github.com/repos/$GITHUB_REPOSITORY_OWNER/lib/releases/tags/v1.0.0 > /dev/null'

function repositories(first: string): { readonly app: string; readonly lib: string } {
  const app = folderOf({
    'app/.github/workflows/release.yml': publish(`${theLibrary} && ${release}`),
    'app/.github/rehearsal.yml': 'tag: v2.0.0\nfirst: [{repo: ../lib, tag: v1.0.0}]\n',
    'lib/.github/workflows/release.yml': publish(first)
  })
  return { app: join(app, 'app'), lib: join(app, 'lib') }
}

test('what is rehearsed first leaves what it published in the sandbox of the next', async () => {
  const { app } = repositories(release)
  const { outcomes, said } = await rehearseWith(['--repo', app])
  expect(outcomes.map(({ facts, verdict }) => `${facts.name} ${facts.ref} ${verdict}`)).toEqual([
    'lib refs/tags/v1.0.0 green',
    'app refs/tags/v2.0.0 green'
  ])
  expect(said.indexOf('/lib')).toBeLessThan(said.indexOf('/app'))
  expect(outcomes.at(-1)?.releases.map(({ tag }) => tag)).toEqual(['v2.0.0'])
})

test('the rehearsal ends with the first that fails', async () => {
  const { app } = repositories('exit 1')
  const { outcomes } = await rehearseWith(['--repo', app])
  expect(outcomes.map(({ facts, verdict }) => `${facts.name} ${verdict}`)).toEqual(['lib failed'])
})
