/** Writes a page for every public module into `docs/reference`, from the comments of the sources: what `npm run docs` does first. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Application, Converter, type Reflection, ReflectionKind, type TypeDocOptions } from 'typedoc';
import { MarkdownPageEvent, ModuleRouter, type PluginOptions } from 'typedoc-plugin-markdown';
import { entries } from '../scripts/entries.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = `${ROOT}docs/reference`;

/** Public names by what TypeDoc calls a module: its path in `src`, without `index`. */
const names = new Map(
  entries.map(({ name, output }) => [output === 'index' ? output : output.replace(/\/index$/, ''), name]),
);

const options: Partial<TypeDocOptions & PluginOptions> = {
  plugin: ['typedoc-plugin-markdown'],
  tsconfig: `${ROOT}site/tsconfig.reference.json`,
  entryPoints: entries.map(({ source }) => ROOT + source),
  basePath: `${ROOT}src`,
  out: OUT,
  cleanOutputDir: false,
  name: 'Reference',
  readme: 'none',
  skipErrorChecking: true, // `npm run typecheck` checks types, by the compiler that this repository has
  treatWarningsAsErrors: true,
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  excludeExternals: true, // what an error or an element has of the platform's
  router: 'entry',
  entryFileName: 'index',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCustomAnchors: true,
  parametersFormat: 'table',
};

/** A page an entry, by its name. What stands on these pages also takes names of files: apart, or `holdfast/work` would be in `work-1.md`, after the function. */
class EntryRouter extends ModuleRouter {
  override getIdealBaseName(reflection: Reflection): string {
    const name = super.getIdealBaseName(reflection);
    return reflection.kindOf(ReflectionKind.Module) ? name : `members/${name}`;
  }
}

/**
 * "Returns" and the like are no headings: a search finds members, and no member's place in the page is taken. What a member overrides is left out, which
 * every error would say of `constructor`.
 */
const plain = (markdown: string) =>
  markdown
    .replace(/^#{4,} ((?:(?! \{#).)*)$/gm, '**$1**')
    .replace(/^#{5,} /gm, '#### ')
    .replace(/^\*\*(?:Inherited from|Overrides|Implementation of)\*\*\n\n.*\n\n?/gm, '')
    .replaceAll('**Constructors**\n\n**Constructor**\n', '**Constructor**\n');

/** Answers whether nothing is wrong with the comments. */
async function writeReference(): Promise<boolean> {
  rmSync(OUT, { recursive: true, force: true });
  const app = await Application.bootstrapWithPlugins(options as Partial<TypeDocOptions>);
  app.renderer.defineRouter('entry', EntryRouter);
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    if (page.contents !== undefined) page.contents = plain(page.contents);
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = names.get(module.name) ?? module.name;
  });
  const project = await app.convert();
  if (project === undefined) return false;
  await app.generateOutputs(project);
  return !app.logger.hasErrors() && !app.logger.hasWarnings();
}

process.exitCode = (await writeReference()) ? 0 : 1;
