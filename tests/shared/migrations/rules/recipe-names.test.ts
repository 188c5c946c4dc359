import { expect, test } from '@jest/globals'
import { writeRecipe } from '../../../../actions/shared/migrations/rules/write-recipe.ts'
import { parsed } from './linting.ts'

const hostile = 'a $(touch pwned)`id`; rm -r "$HOME" it\'s\n--name x'

test.each(['prisma', 'ecto', 'sql'] as const)(
  'a name of a pull request is no part of a shell command: %s',
  (framework) => {
    const { file, ...rest } = parsed(framework === 'ecto' ? '  def change do\n  end' : 'SELECT 1;', framework)
    const step = { name: hostile, says: 'Alone.', alone: true, commands: [{ sql: 'SELECT 1' }] }
    const [command = ''] = writeRecipe({ steps: [step] }, { file, ...rest })?.text.split('\n') ?? []
    expect(command).toMatch(/ a_touch_pwned_id_rm_r_HOME_it_s_name_x(\.sql)?$/)
  }
)
