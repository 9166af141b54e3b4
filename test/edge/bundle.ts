import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { sourceAliases } from '../../scripts/entries.ts';

/** A module and all it imports as one text, the package from its sources. `define` replaces names in it. */
export async function bundle(entry: URL, define: Readonly<Record<string, string>> = {}): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: sourceAliases },
    define,
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      lib: { entry: fileURLToPath(entry), formats: ['es'] },
      rolldownOptions: { external: /^cloudflare:/ },
    },
  });
  const output = Array.isArray(built)
    ? built.flatMap((one) => one.output)
    : 'output' in built
      ? built.output
      : [];
  const chunk = output.find((one) => one.type === 'chunk');
  if (chunk === undefined) throw new Error(`${entry.pathname} was not built`);
  return chunk.code;
}
