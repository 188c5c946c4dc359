import { createHash } from 'node:crypto'
import { unzipMember } from '../gzip-member.ts'
import { readTar, TarFault } from '../tar.ts'

/** Limits of hex.pm (release_controller.ex) and of Hex. Bytes. */
const longestTarball = 16 * 1024 * 1024
const longestContents = 128 * 1024 * 1024

/**
 * The files of a release of Hex that lie in a folder, from its tarball.
 *
 * @param outerChecksum SHA-256 of the whole tarball, as mix.lock has it; other bytes are not read
 * @param folder of the package, without a slash at the end
 * @returns the contents by path below the folder; the fault goes on from "the tarball is refused: "
 */
export async function readPackageFiles(
  tarball: Buffer,
  outerChecksum: string,
  folder: string
): Promise<{ readonly files: ReadonlyMap<string, Buffer> } | { readonly fault: string }> {
  const checksum = createHash('sha256').update(tarball).digest('hex')
  if (checksum !== outerChecksum) return { fault: `its sha256 is ${checksum}, and the lock file says ${outerChecksum}` }
  try {
    const outer = await readTar(wholeOf(tarball), {
      keep: ({ name }) => name === 'contents.tar.gz',
      longestKept: longestTarball,
      longest: longestTarball,
      unambiguous: true
    })
    const contents = outer.kept.get('contents.tar.gz')
    if (contents === undefined) return { fault: 'it has no contents.tar.gz' }
    const prefix = `${folder}/`
    const inner = await readTar(unzipMember(contents), {
      keep: ({ name }) => plainPath(name).startsWith(prefix),
      longestKept: longestContents,
      longest: longestContents,
      unambiguous: true
    })
    return { files: new Map([...inner.kept].map(([name, bytes]) => [plainPath(name).slice(prefix.length), bytes])) }
  } catch (error) {
    if (error instanceof TarFault) return { fault: error.message }
    throw error
  }
}

async function* wholeOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes)
}

/** `./priv//a.exs` → `priv/a.exs` */
function plainPath(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}
