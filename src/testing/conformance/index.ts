export { type ModelOptions, runModel } from '../model/run.ts';
export { describeModel } from '../model/suite.ts';
export type { ConformanceOptions, Draw, StoreHarness } from './harness.ts';
export { describeJobStore } from './suite.ts';
