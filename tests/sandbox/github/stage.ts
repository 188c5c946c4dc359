import { createGithub, type GithubOptions, type GithubService } from '../../../sandbox/github/service.ts'
import { repository, speakTo, type Speaker, type Speech } from './talk.ts'

export interface Stage {
  readonly github: GithubService
  /** GITHUB_TOKEN with `contents: write`. */
  readonly ci: Speaker
  /** A personal token of the owner, who may do everything. */
  readonly owner: Speaker
  /** Nobody in particular, without a token. */
  readonly stranger: Speaker
  /** Another way to speak to the same service. */
  speak(speech: Speech): Speaker
  /** Moves the clock on. */
  wait(milliseconds: number): void
}

/** A GitHub with the public repository acme/lib, whose tag v1.0.0 exists. */
export function setStage(
  options: GithubOptions & { readonly private?: boolean; readonly immutable?: boolean } = {}
): Stage {
  let now = Date.UTC(2026, 0, 2, 3, 4, 5)
  const clock = (): number => now
  const github = createGithub({ clock, ...options })
  const [owner = '', name = ''] = repository.split('/')
  github.addRepository({
    owner,
    name,
    private: options.private ?? false,
    immutableReleases: options.immutable ?? false
  })
  github.setRef(repository, 'refs/tags/v1.0.0', github.addCommit(repository, { message: 'Release 1.0.0' }))
  github.addToken({ token: 'ghs_ci', login: 'github-actions[bot]', permissions: { contents: 'write' } })
  github.addToken({
    token: 'ghp_owner',
    login: owner,
    permissions: { contents: 'write', administration: 'write', workflows: 'write' }
  })
  const speak = (speech: Speech): Speaker => speakTo(github, { clock, ...speech })
  return {
    github,
    speak,
    ci: speak({ token: 'ghs_ci' }),
    owner: speak({ token: 'ghp_owner' }),
    stranger: speak({}),
    wait: (milliseconds) => {
      now += milliseconds
    }
  }
}
