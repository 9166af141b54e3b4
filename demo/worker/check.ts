/** `npm run check:edge`: everything that `wrangler deploy` does with the Worker before it needs an account. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '../../scripts/command-line.ts';
import { buildAdmin } from './build-admin.ts';
import { runWrangler } from './wrangler-run.ts';

commandLine(import.meta.url, {});
await buildAdmin();
const outdir = await mkdtemp(join(tmpdir(), 'holdfast-edge-'));
const wrangler = runWrangler('deploy', '--dry-run', '--outdir', outdir);
process.exitCode = await new Promise<number>((resolve) =>
  wrangler.once('exit', (code) => resolve(code ?? 1)),
);
await rm(outdir, { recursive: true });
