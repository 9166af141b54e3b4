import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `npm publish` would send. */
export interface Tarball {
  readonly path: string;
  /** Bytes of the archive. */
  readonly size: number;
  readonly unpackedSize: number;
  /** Paths in the package. */
  readonly files: readonly string[];
  /** Deletes it. */
  dispose(): void;
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Packs the build that is there. It runs no scripts: `prepack` would build again, under whoever reads `dist`. */
export function packTarball(): Tarball {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tarball-'));
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd, encoding: 'utf8' })) as readonly Packed[];
  if (packed === undefined) throw new Error('npm pack has packed nothing');
  return {
    path: join(folder, packed.filename),
    size: packed.size,
    unpackedSize: packed.unpackedSize,
    files: packed.files.map(({ path }) => path),
    dispose: () => rmSync(folder, { recursive: true }),
  };
}
