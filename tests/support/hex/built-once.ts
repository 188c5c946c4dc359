import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

const tools = join(import.meta.dirname, '..', '..', '..', '.tools')

/**
 * A folder under `.tools/` with what `build` makes of the sources, made at the first call and found there afterwards,
 * until a source or the recipe changes. Parallel callers may build it twice; one of them wins, whole.
 *
 * @param name what is built; in front of the folder's name
 * @param sources files and folders that it is made of
 * @param recipe whatever else it depends on, such as versions
 * @param build fills the empty folder that it is given
 * @returns absolute path of the folder
 */
export async function builtOnce(
  name: string,
  sources: readonly string[],
  recipe: string,
  build: (folder: string) => Promise<void>
): Promise<string> {
  const folder = join(tools, `${name}-${digest(sources, recipe)}`)
  if (existsSync(folder)) return folder
  mkdirSync(tools, { recursive: true })
  const draft = mkdtempSync(`${folder}-`)
  try {
    await build(draft)
    renameSync(draft, folder)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}

function digest(sources: readonly string[], recipe: string): string {
  const hash = createHash('sha256').update(recipe)
  for (const source of sources) {
    for (const file of filesBelow(source)) hash.update(`\0${relative(source, file)}\0`).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 12)
}

function filesBelow(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}
