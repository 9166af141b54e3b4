import type { Defect } from '../defect.ts';

const active = 'src/core/features/limits/active.ts';
const rate = 'src/core/features/limits/rate.ts';
const line = 'src/core/features/limits/rate-line.ts';
const lane = 'src/core/kernel/lane.ts';

export const limitDefects: readonly Defect[] = [
  {
    name: 'a name may have one more active than its maxActive',
    file: active,
    replace: ['most - (active.get(name) ?? 0)', 'most + 1 - (active.get(name) ?? 0)'],
    caughtBy: ['simulator', 'conformance', 'model'],
  },
  {
    name: 'a queue may have one more active than its maxActive',
    file: active,
    replace: ['maxActive - allActive(claims)', 'maxActive + 1 - allActive(claims)'],
    caughtBy: ['simulator', 'conformance', 'model'],
  },
  {
    name: 'a place that was freed and not taken is not told',
    file: active,
    replace: ['(freed.get(name) ?? 0) > 0', '(freed.get(name) ?? 0) > 9'],
    caughtBy: ['conformance'],
  },
  {
    name: 'ageing never has its turn',
    file: 'src/core/kernel/ageing.ts',
    replace: ['aged >= ageing - 1', 'aged > 1e9'],
    caughtBy: ['conformance'],
  },
  {
    name: 'ageing picks the newest',
    file: 'src/core/kernel/cursor.ts',
    replace: ['hasWaitedLonger(head(cursor), head(oldest))', 'hasWaitedLonger(head(oldest), head(cursor))'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a token costs nothing',
    file: rate,
    replace: ['owedMs(paidAt, rate, now, []) + intervalOf(rate);', 'owedMs(paidAt, rate, now, []);'],
    caughtBy: ['conformance', 'model'],
  },
  {
    name: 'a burst has one more',
    file: rate,
    replace: ['- (burstMsOf(rate) - intervalOf(rate)) + ROUNDING_MS', '- burstMsOf(rate) + ROUNDING_MS'],
    caughtBy: ['simulator', 'conformance', 'model'],
  },
  {
    name: 'a clock that is set back keeps a rate waiting',
    file: rate,
    replace: ['[name]: corrected(paidAt, correction)', '[name]: paidAt'],
    caughtBy: ['conformance'],
  },
  {
    name: 'newcomers overtake those whom their key’s rate put off',
    file: line,
    replace: [
      'if (last === undefined || last + lag <= now) {',
      'if (last === undefined || mayGo || last + lag <= now) {',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a line that is late does not keep its order',
    file: line,
    replace: ['lag: earliest - place }', 'lag }'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a clock that is set back forgets that a job was put off',
    file: 'src/core/kernel/set-back.ts',
    replace: ['isPutOff(row) && { putOff', 'isPutOff(row) && row.named && { putOff'],
    caughtBy: ['conformance'],
  },
  {
    name: 'what a key of a rate owes does not follow a clock that is set back',
    file: 'src/core/kernel/set-back.ts',
    replace: [
      'if (next !== undefined) rows.putRecord(kind, key, next);',
      'if (next === value) rows.putRecord(kind, key, next);',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that starts anew keeps its rate key',
    file: 'src/core/features/limits/limits.ts',
    replace: ["anew: ['rateKey']", 'anew: []'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a halted lane lets another job in',
    file: lane,
    replace: [
      "(yield* read(rows.record('halt', lane))) !== undefined",
      "(yield* read(rows.record('halt', lane))) === null",
    ],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a dead head does not halt its lane',
    file: lane,
    replace: ["lane === undefined || row.onLaneDeath !== 'halt'", 'lane === undefined || row !== undefined'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a dead head that is removed leaves its lane halted',
    file: 'src/core/kernel/steer.ts',
    replace: ['  yield* leaveLane(rows, control, laneOf(row.job), now);\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a dead head that is redriven waits behind itself',
    file: 'src/core/kernel/revive.ts',
    replace: ['withoutTime(endHalt(rows, control, waiting))', 'withoutTime(waiting)'],
    caughtBy: ['conformance'],
  },
];
