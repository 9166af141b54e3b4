import type { FaultRun } from './fault-run.ts';
import type { Plan } from './plan.ts';

const SCREEN_MS = 500;
const LOG_MS = 5_000;

/** Shows how far a run is: one line that changes on a terminal, a line now and then in a log. Answers what ends it. */
export function showProgress(what: string, run: Pick<FaultRun, 'plan' | 'witness' | 'toll'>): () => void {
  const { stderr } = process;
  const start = performance.now();
  const show = () => {
    const line = `${what.padEnd(9)} ${state(run)}  ${Math.round((performance.now() - start) / 1_000)} s of at most ${seconds(run.plan)}`;
    // A line that wraps could not be cleared.
    stderr.write(stderr.isTTY ? `\r\u001b[2K${line.slice(0, stderr.columns - 1)}` : `${line}\n`);
  };
  const timer = setInterval(show, stderr.isTTY ? SCREEN_MS : LOG_MS);
  show();
  return () => {
    clearInterval(timer);
    show();
    if (stderr.isTTY) stderr.write('\n');
  };
}

const seconds = ({ boundMs }: Plan): number => Math.round(boundMs / 1_000);

function state({ plan, witness, toll }: Pick<FaultRun, 'plan' | 'witness' | 'toll'>): string {
  return `accepted ${witness.accepted}, done ${witness.done} of ${plan.jobs}  crashes ${toll.crashes}  kills ${toll.kills} of ${plan.kills}`;
}
