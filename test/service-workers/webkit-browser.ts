import { findWebKit, WebKitWindow } from '../../scripts/webkit.ts';
import { type Browser, IS_READY, until } from './browser.ts';

/** WebKitGTK, which has no Background Sync, and one window here: a tab takes the place of the one before. */
export async function openWebKit(): Promise<Browser> {
  const webKit = findWebKit();
  if (webKit === undefined) throw new Error('no WebKit was found');
  const window = await WebKitWindow.open(webKit);
  return {
    async open(url, ready = IS_READY) {
      await window.goTo(url);
      await until(
        () => window.evaluate<boolean>(ready),
        (isReady) => isReady,
      );
      return {
        evaluate: (expression) => window.evaluate(expression),
        close: () => window.goTo('about:blank'),
      };
    },
    close: () => window.close(),
  };
}
