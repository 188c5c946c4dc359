import type { SandboxRequest, SandboxResponse, Service } from './service.ts'

/** Earlier states of the services, for stale reads: kept only while a rule asks for them. */
export interface EarlierStates {
  /** Keeps the state as it is now, before a write changes it. `lag` says how old a state may still be asked for. */
  keep(service: Service, now: number, lag: number): void
  has(service: Service): boolean
  /** Lets the service answer from its state of `lag` ms ago; without `lag`, from before the newest write. */
  read(service: Service, request: SandboxRequest, lag: number | undefined): SandboxResponse | undefined
}

export function earlierStates(): EarlierStates {
  const kept = new Map<string, { readonly until: number; readonly state: unknown }[]>()
  return {
    keep(service, now, lag) {
      const older = kept.get(service.name) ?? []
      kept.set(service.name, [...older.filter(({ until }) => until > now - lag), { until: now, state: service.save() }])
    },
    has: (service) => kept.has(service.name),
    read(service, request, lag) {
      const states = kept.get(service.name) ?? []
      // A kept state is what the service had until `until`: the first one that lasted past the moment asked for.
      const wanted = lag === undefined ? states.at(-1) : states.find(({ until }) => until > request.now - lag)
      if (wanted === undefined) return service.handle(request)
      const current = service.save()
      service.load(wanted.state)
      try {
        return service.handle(request)
      } finally {
        service.load(current)
      }
    }
  }
}
