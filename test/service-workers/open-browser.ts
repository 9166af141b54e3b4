import type { Browser, HarshBrowser } from './browser.ts';
import { openChromium } from './chromium-browser.ts';
import { openFirefox } from './firefox-browser.ts';
import { openWebKit } from './webkit-browser.ts';

/** In which the project runs: `vite.config.ts` says it. */
export const engine = process.env.ENGINE;

/** The browser of the project. */
export const openBrowser = (): Promise<Browser> => (engine === 'webkit' ? openWebKit() : openHarshBrowser());

export const openHarshBrowser = (): Promise<HarshBrowser> =>
  engine === 'firefox' ? openFirefox() : openChromium();
