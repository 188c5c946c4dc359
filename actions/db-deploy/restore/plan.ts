import type { Plan } from '../../shared/phases.ts'

export type RestorePlan = Plan
