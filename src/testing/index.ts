export type { ConformanceOptions, StoreHarness } from './conformance/harness.ts';
export { describeJobStore } from './conformance/suite.ts';
export { type FakeEnvironment, fakeEnvironment } from './fake-environment.ts';
