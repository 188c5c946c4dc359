import { execFileSync } from 'node:child_process'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'

const root = dirname(import.meta.dirname)

/** What a runner downloads, once a job: the archive of HEAD, against the whole repository without `export-ignore`. */
export function archiveSize(): string {
  const archive = execFileSync('git', ['archive', 'HEAD'], { cwd: root, maxBuffer: 2 ** 30 })
  const whole = execFileSync('git', ['-c', 'core.attributesFile=/dev/null', 'ls-tree', '-r', '-l', 'HEAD'], {
    cwd: root,
    encoding: 'utf8'
  })
  const total = whole
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + Number(line.split(/\s+/)[3]), 0)
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`
  return [
    '| what | size |',
    '| --- | ---: |',
    `| archive, gzip -9 | ${kilobytes(gzipSync(archive, { level: 9 }).length)} |`,
    `| archive, unpacked | ${kilobytes(archive.length)} |`,
    `| all files of the repository | ${kilobytes(total)} |`
  ].join('\n')
}
