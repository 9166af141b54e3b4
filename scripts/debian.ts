import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** How an apt-get ended, and what it had to complain of. */
export interface AptAnswer {
  readonly code: number | null;
  readonly complaints: string;
}

/** What the waiting needs of its machine: tests bring their own. */
export interface Machine {
  readonly aptGet: (args: readonly string[]) => Promise<AptAnswer>;
  readonly pause: (ms: number) => Promise<unknown>;
  readonly print: (line: string) => void;
}

/** How long another apt or dpkg may take until it counts as hanging. */
const LOCK_LIMIT_S = 900;
/** Between two looks at a lock that apt does not wait for by itself. */
const LOOK_MS = 10_000;
const LOCKED = /Could not get lock ([^\s.]+(?:\.[^\s.]+)*)\.? (It is held by process \d+(?: \([^)]*\))?)?/;

/**
 * Installs Debian packages, as root or by a sudo that asks for no password. Waits for whoever else installs something just now.
 * Answers why it could not, or undefined when apt-get says that it did.
 */
export async function installPackages(names: readonly string[]): Promise<string | undefined> {
  if (!existsSync('/etc/debian_version')) return 'this is not a Debian-like system';
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (sudo.length > 0 && !succeeds([...sudo, 'true'])) return 'only root can install packages';
  return install(names, { aptGet: (args) => aptGet(sudo, args), pause, print: (line) => console.log(line) });
}

export async function install(names: readonly string[], machine: Machine): Promise<string | undefined> {
  await patiently(['update'], machine); // one unreachable source among many need not matter: the install tells
  const { code } = await patiently(['install', '-y', '--no-install-recommends', ...names], machine);
  return code === 0 ? undefined : 'apt-get failed';
}

/** apt waits for dpkg's lock where it is told to, and for those of its lists and archives it does not. */
async function patiently(args: readonly string[], machine: Machine): Promise<AptAnswer> {
  const whole = ['-o', `DPkg::Lock::Timeout=${LOCK_LIMIT_S}`, ...args];
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    const answer = await machine.aptGet(whole);
    const [, lock, holder = 'Another process holds it'] = LOCKED.exec(answer.complaints) ?? [];
    if (answer.code === 0 || lock === undefined || waitedMs >= LOCK_LIMIT_S * 1_000) return answer;
    machine.print(`apt-get ${args[0]} waits for ${lock}. ${holder}. ${waitedMs / 1_000} s so far`);
    await machine.pause(LOOK_MS);
  }
}

async function aptGet(sudo: readonly string[], args: readonly string[]): Promise<AptAnswer> {
  // In the language in which the complaint about a lock is known.
  const [command = '', ...rest] = [
    ...sudo,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'LC_ALL=C',
    'apt-get',
    ...args,
  ];
  const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (part: Buffer) => {
    complaints += String(part);
    process.stderr.write(part);
  });
  const [code] = await once(child, 'close');
  return { code, complaints };
}

function succeeds([command = '', ...args]: string[]): boolean {
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
}
