import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAdmin } from './build-admin.ts';
import { runWrangler } from './wrangler-run.ts';

// Everything that `wrangler deploy` does before it needs an account.
await buildAdmin();
const outdir = await mkdtemp(join(tmpdir(), 'holdfast-edge-'));
const wrangler = runWrangler('deploy', '--dry-run', '--outdir', outdir);
process.exitCode = await new Promise<number>((resolve) =>
  wrangler.once('exit', (code) => resolve(code ?? 1)),
);
await rm(outdir, { recursive: true });
