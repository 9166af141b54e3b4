/** Draws the icons that not every system can draw itself: `node demo/icons.ts`, after an SVG in `public/icons` has changed. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { chromiumLaunch } from '../scripts/chromium.ts';

const ICONS = [
  ['kelp', 192],
  ['kelp', 512],
  ['kelp-maskable', 512],
  ['kelp-maskable', 180],
] as const;

const icon = (name: string): string => fileURLToPath(new URL(`public/icons/${name}`, import.meta.url));

const browser = await chromium.launch(chromiumLaunch());
for (const [name, size] of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(await readFile(icon(`${name}.svg`), 'utf8'));
  await page.addStyleTag({ content: 'body { margin: 0; background: none } svg { display: block }' });
  await page.screenshot({ path: icon(`${name}-${size}.png`), omitBackground: true });
}
await browser.close();
