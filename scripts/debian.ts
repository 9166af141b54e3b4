import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Installs a Debian package, as root or by a sudo that asks for no password.
 * Answers why it could not, or undefined when apt-get says that it did.
 */
export function installPackage(name: string): string | undefined {
  if (!existsSync('/etc/debian_version')) return 'this is not a Debian-like system';
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (sudo.length > 0 && !succeeds([...sudo, 'true'])) return 'only root can install packages';

  const aptGet = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  succeeds([...aptGet, 'update']); // one unreachable source among many need not matter: the install tells
  const installed = succeeds([...aptGet, 'install', '-y', '--no-install-recommends', name]);
  return installed ? undefined : 'apt-get failed';
}

function succeeds([command = '', ...args]: string[]): boolean {
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
}
