import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startHistory, type History } from './git-history.ts'
import { setStage, type Stage } from './stage.ts'
import { repository } from './talk.ts'

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('')

describe('a git repository that was taken in', () => {
  let history: History
  let stage: Stage
  let base: string
  let feature: string
  beforeEach(() => {
    history = startHistory()
    base = history.commit({
      'README.md': '# Lib\n',
      'a/b/one.sql': lines(0, 30),
      'a/b/two.sql': lines(100, 140),
      'a/gone.txt': 'gone\n',
      'a-b': 'sorts between\n',
      'bin.dat': Buffer.from([0, 1, 2])
    })
    history.git('checkout', '--quiet', '-b', 'feature/x')
    history.git('mv', 'a/b/two.sql', 'a/moved.sql')
    feature = history.commit({
      'a/b/one.sql': lines(0, 12) + 'new\n' + lines(14, 30) + 'no newline at the end',
      'a/gone.txt': null,
      'a/ünï code.txt': 'text\n',
      'bin.dat': Buffer.from([0, 1, 3])
    })
    history.git('checkout', '--quiet', 'main')
    history.commit({ 'later.txt': 'on main\n' })
    history.git('tag', '-a', 'v1', '-m', 'One')
    stage = setStage()
    stage.github.importGit(repository, history.folder)
  })
  afterEach(() => {
    history.remove()
  })

  test('has git’s own branches, tags and commits', () => {
    expect(stage.ci.get('/git/ref/heads/main').at('object.sha')).toBe(history.git('rev-parse', 'main'))
    expect(stage.ci.get('/git/ref/tags/v1').at('object.type')).toBe('tag')
    const commit = stage.ci.get(`/git/commits/${feature}`)
    expect(commit.at('tree.sha')).toBe(history.git('rev-parse', `${feature}^{tree}`))
    expect(commit.at('author.name')).toBe('Ada')
    expect(commit.at('parents.0.sha')).toBe(base)
  })

  test('gives the tree that git ls-tree prints, whole or one level', () => {
    const listed = (recursive: string): readonly string[] => {
      const tree = stage.ci.get(`/git/trees/${feature}${recursive}`).at('tree') as readonly Record<string, string>[]
      return tree.map(({ mode, type, sha, path }) => `${mode} ${type} ${sha}\t${path}`)
    }
    expect(listed('')).toEqual(history.git('ls-tree', feature).split('\n'))
    expect(listed('?recursive=0')).toEqual(
      history.git('-c', 'core.quotePath=false', 'ls-tree', '-r', '-t', feature).split('\n')
    )
    expect(stage.ci.get(`/git/trees/${encodeURIComponent('feature/x')}`).at('sha')).toBe(
      history.git('rev-parse', 'feature/x^{tree}')
    )
    expect(stage.ci.get(`/git/trees/${encodeURIComponent('feature/x:a/b')}`).at('sha')).toBe(
      history.git('rev-parse', 'feature/x:a/b')
    )
    expect(stage.ci.get(`/git/trees/${'f'.repeat(40)}`).status).toBe(404)
  })

  test('says that a tree was cut off where it is too large', () => {
    const small = setStage({ limits: { treeEntries: 3 } })
    small.github.importGit(repository, history.folder)
    const cut = small.ci.get(`/git/trees/${feature}?recursive=1`)
    expect([cut.at('truncated'), (cut.at('tree') as unknown[]).length]).toEqual([true, 3])
    expect(stage.ci.get(`/git/trees/${feature}?recursive=1`).at('truncated')).toBe(false)
  })

  test('gives a blob by its id, and a file by its path at a ref', () => {
    const id = history.git('rev-parse', 'feature/x:a/b/one.sql')
    const blob = stage.ci.get(`/git/blobs/${id}`)
    const text = Buffer.from(String(blob.at('content')), 'base64').toString()
    expect(text).toBe(execFileSync('git', ['-C', history.folder, 'cat-file', 'blob', id], { encoding: 'utf8' }))
    const file = stage.ci.get(`/contents/a/b/one.sql?ref=${feature}`)
    expect([file.at('sha'), file.at('type')]).toEqual([id, 'file'])
    expect(stage.ci.get(`/contents/a/b/one.sql?ref=${base}`).at('sha')).toBe(
      history.git('rev-parse', `${base}:a/b/one.sql`)
    )
    const folder = stage.ci.get('/contents/a?ref=feature/x').json as readonly { name: string }[]
    expect(folder.map(({ name }) => name)).toEqual(['b', 'moved.sql', 'ünï code.txt'])
    expect(stage.ci.get('/contents/a/gone.txt?ref=feature/x').status).toBe(404)
    expect(stage.ci.get('/contents/a?ref=nothing').at('message')).toBe('No commit found for the ref nothing')
    expect(stage.ci.get(`/git/blobs/${base}`).status).toBe(404)
  })

  test('is compared as git diff compares it, renames and all', () => {
    const compared = stage.ci.get('/compare/main...feature/x')
    expect(compared.at('merge_base_commit.sha')).toBe(base)
    expect([compared.at('status'), compared.at('ahead_by'), compared.at('behind_by')]).toEqual(['diverged', 1, 1])
    const files = compared.at('files') as readonly Record<string, string>[]
    const raw = history.git('-c', 'core.quotePath=false', 'diff', '--raw', '--abbrev=40', '-M', base, feature)
    const expected = raw.split('\n').map((line) => {
      const [head = '', ...paths] = line.split('\t')
      const [, , before, after, letter = ''] = head.split(' ')
      return `${letter[0]} ${letter.startsWith('D') ? before : after} ${paths.join(' ')}`
    })
    const letters: Record<string, string> = { added: 'A', modified: 'M', removed: 'D', renamed: 'R' }
    const ours = files.map(({ status = '', sha, filename, previous_filename }) =>
      [letters[status], sha, previous_filename, filename].filter((part) => part !== undefined).join(' ')
    )
    expect(ours).toEqual(expected)
    const numbers = history.git('-c', 'core.quotePath=false', 'diff', '--numstat', '-M', base, feature).split('\n')
    expect(files.map(({ additions, deletions }) => `${additions}\t${deletions}`)).toEqual(
      numbers.map((line) => line.replaceAll('-', '0').split('\t').slice(0, 2).join('\t'))
    )
  })

  test('has patches that git apply takes', () => {
    const diff = stage.ci.get(`/compare/main...feature/x`).at('files') as readonly Record<string, string>[]
    const patch = diff.find(({ filename }) => filename === 'a/b/one.sql')?.['patch'] ?? ''
    history.git('checkout', '--quiet', base)
    execFileSync('git', ['-C', history.folder, 'apply', '-'], {
      input: `--- a/a/b/one.sql\n+++ b/a/b/one.sql\n${patch}\n`
    })
    expect(history.git('hash-object', 'a/b/one.sql')).toBe(history.git('rev-parse', `${feature}:a/b/one.sql`))
  })

  test('counts the files of a comparison up to the limit, and has none for unrelated histories', () => {
    const small = setStage({ limits: { comparedFiles: 2 } })
    small.github.importGit(repository, history.folder)
    expect(small.ci.get(`/compare/${base}...${feature}`).at('files')).toHaveLength(2)
    const stranger = small.github.addCommit(repository, { message: 'Unrelated' })
    expect(small.ci.get(`/compare/${base}...${stranger}`).status).toBe(404)
    expect(small.ci.get(`/compare/${base}...nothing`).status).toBe(404)
  })

  test('grows by commits that git would give the same ids', () => {
    const sha = stage.github.commitFiles(
      repository,
      'main',
      { 'a/new.sql': 'select 1;\n', 'README.md': null },
      { by: 'ada' }
    )
    history.git('checkout', '--quiet', 'main')
    history.commit({ 'a/new.sql': 'select 1;\n', 'README.md': null })
    expect(stage.ci.get(`/git/commits/${sha}`).at('tree.sha')).toBe(history.git('rev-parse', 'main^{tree}'))
    const { tree, parents, author } = stage.ci.get(`/git/commits/${sha}`).json as {
      tree: { sha: string }
      parents: readonly { sha: string }[]
      author: { name: string; email: string; date: string }
    }
    const made = execFileSync('git', ['-C', history.folder, 'hash-object', '-t', 'commit', '--stdin'], {
      input: Buffer.from(
        `tree ${tree.sha}\nparent ${parents[0]?.sha ?? ''}\n` +
          `author ${author.name} <${author.email}> ${Date.parse(author.date) / 1000} +0000\n` +
          `committer ${author.name} <${author.email}> ${Date.parse(author.date) / 1000} +0000\n\nChange files`
      ),
      encoding: 'utf8'
    })
    expect(made.trim()).toBe(sha)
  })
})
