import type { HelpPages } from './authentication.ts'

/** Origins under which one request sees the index: the real ones, or the one loopback address for everything. */
export interface Addresses extends HelpPages {
  /** `https://pypi.org` */
  readonly index: string
  /** `https://files.pythonhosted.org` */
  readonly files: string
}

export type IndexName = 'pypi' | 'testpypi'

interface Hosts {
  readonly index: string
  readonly upload: string
  readonly files: string
  /** Names that only send the client on to `index`. */
  readonly former: readonly string[]
}

export const hosts: Readonly<Record<IndexName, Hosts>> = {
  pypi: {
    index: 'pypi.org',
    upload: 'upload.pypi.org',
    files: 'files.pythonhosted.org',
    // twine --skip-existing still asks the old name, whichever index it uploads to.
    former: ['pypi.python.org', 'www.pypi.org']
  },
  testpypi: {
    index: 'test.pypi.org',
    upload: 'test.pypi.org',
    files: 'test-files.pythonhosted.org',
    former: ['testpypi.python.org']
  }
}

/** Which of the index's hosts a request came to; at the loopback address it is all of them. */
export type Entrance = 'loopback' | 'index' | 'upload' | 'files' | 'former'

export function entranceOf(name: IndexName, url: URL): readonly Entrance[] {
  const { index, upload, files, former } = hosts[name]
  if (isLoopback(url)) return ['loopback', 'index', 'upload', 'files']
  const entrances: Entrance[] = []
  if (url.hostname === index) entrances.push('index')
  if (url.hostname === upload) entrances.push('upload')
  if (url.hostname === files) entrances.push('files')
  if (former.includes(url.hostname)) entrances.push('former')
  return entrances
}

export function addressesFor(name: IndexName, url: URL): Addresses {
  const { index, files } = hosts[name]
  const help = (anchor: string): string => `https://${index}/help/#${anchor}`
  return isLoopback(url)
    ? { index: url.origin, files: url.origin, help }
    : { index: `https://${index}`, files: `https://${files}`, help }
}

function isLoopback(url: URL): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
}
