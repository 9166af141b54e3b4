export type { StoreHarness } from './conformance/harness.ts';
export { type FakeEnvironment, fakeEnvironment } from './fake-environment.ts';
export { type DrainedAll, drainAll } from './kit/drain-all.ts';
export { type ExpectedFacts, expectEnqueued } from './kit/expect-enqueued.ts';
export {
  type FakeNetwork,
  fakeNetwork,
  type NetworkAnswer,
  type NetworkResponse,
} from './kit/fake-network.ts';
export type { Partially } from './kit/partial-match.ts';
export { type JobEnd, type JobRun, type RunJobOptions, runJob } from './kit/run-job.ts';
export { audit } from './simulator/audit.ts';
export { breakPayload } from './simulator/break-payload.ts';
export type { SimulatedContext } from './simulator/context.ts';
export type { FaultKind } from './simulator/faults.ts';
export type { Violation } from './simulator/journal.ts';
export type { Random } from './simulator/random.ts';
export type { SimulationHarness } from './simulator/setup.ts';
export { type SimulateOptions, type SimulationReport, shorten, simulate } from './simulator/simulate.ts';
export { everyKind, type Wanted, type Workload } from './simulator/workload.ts';
export { type StoreCalls, storeCalls } from './store-calls.ts';
