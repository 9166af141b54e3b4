export { all } from './gates/all.ts';
export { type BatteryOptions, battery } from './gates/battery.ts';
export { type NetworkOptions, type NetworkType, network } from './gates/network.ts';
export { type OnlineOptions, online, type Probe, type ProbeOptions } from './gates/online.ts';
export { signedIn } from './gates/signed-in.ts';
export { visible } from './gates/visible.ts';
export { type SyncGate, type Unsubscribe, when } from './gates/when.ts';
