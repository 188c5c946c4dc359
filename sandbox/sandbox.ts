import type { InterceptHook } from './exchange.ts'
import { startGateway, type Gateway } from './gateway.ts'
import { createGithub, type GithubService } from './github/service.ts'
import { createHex, type HexService } from './hex/service.ts'
import { createOidc, type OidcService } from './oidc/issuer.ts'
import { createOtlp, type OtlpService } from './otlp/collector.ts'
import { createPypi, type PypiService } from './pypi/service.ts'
import type { LoggedRequest } from './request-log.ts'
import { createSlack, type SlackService } from './slack/service.ts'
import { machineUpstream } from './upstream.ts'

export type { InterceptHook, LoggedRequest }

export type ServiceName = 'github' | 'pypi' | 'testpypi' | 'hex' | 'oidc' | 'slack' | 'otlp'

export interface SandboxOptions {
  /** Keeps the state here between runs; without it the state ends with the sandbox. */
  readonly folder?: string
  /** `machine`: packages that the sandbox lacks are read from the indexes this machine uses. `none` unless given. */
  readonly upstream?: 'machine' | 'none'
  /** Milliseconds since the epoch; the machine's clock unless given. */
  readonly clock?: () => number
  /** The proxy's port on 127.0.0.1; any free one unless given. */
  readonly port?: number
  /** Writes each finished request as a line of JSON into this file. */
  readonly logFile?: string
  /** Host names that the OpenTelemetry collector answers for; `otlp.example.com` unless given. */
  readonly otlpHosts?: readonly string[]
  /** Hears of each finished request. */
  readonly onRequest?: (request: LoggedRequest) => void
}

/**
 * A running sandbox: GitHub, PyPI, TestPyPI, Hex, the OIDC issuer, Slack and an OpenTelemetry collector behind one proxy.
 * Listens on 127.0.0.1 only.
 */
export interface Sandbox extends Gateway {
  readonly github: GithubService
  readonly pypi: PypiService
  readonly testpypi: PypiService
  readonly hex: HexService
  readonly oidc: OidcService
  readonly slack: SlackService
  readonly otlp: OtlpService
  address(name: ServiceName): URL
  /** The whole state by service, for comparing end states. */
  save(): Record<ServiceName, unknown>
}

/** Starts a sandbox. Throws an ActionError when `folder` holds something that is no state of a sandbox. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { upstream: reads = 'none', otlpHosts, ...rest } = options
  const oidc = createOidc()
  const clock = options.clock === undefined ? {} : { clock: options.clock }
  const github = createGithub(clock)
  const hex = createHex(clock)
  const pypi = createPypi({ index: 'pypi', oidc })
  const testpypi = createPypi({ index: 'testpypi', oidc })
  const slack = createSlack()
  const otlp = createOtlp(otlpHosts)
  const upstream = reads === 'machine' ? await machineUpstream({ reseal: hex.reseal }) : undefined
  const services = [github, pypi, testpypi, hex, oidc, slack, otlp]
  const gateway = await startGateway(services, { ...rest, ...(upstream && { upstream }) })
  // Requirements may name packages that clients read through here; after a folder's state has been loaded.
  hex.setSettings({ othersExist: upstream !== undefined })
  return {
    ...gateway,
    // A getter would be read once by the spread.
    get faults() {
      return gateway.faults
    },
    github,
    pypi,
    testpypi,
    hex,
    oidc,
    slack,
    otlp,
    save: () => ({
      github: github.save(),
      pypi: pypi.save(),
      testpypi: testpypi.save(),
      hex: hex.save(),
      oidc: oidc.save(),
      slack: slack.save(),
      otlp: otlp.save()
    }),
    async close() {
      await gateway.close()
      upstream?.close()
    }
  }
}
