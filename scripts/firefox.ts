import { findExecutable } from './executables.ts';

/** The path of a Firefox: FIREFOX_PATH when it is set, else the first one in the usual places. Throws when FIREFOX_PATH names no file. */
export function findFirefox(): string | undefined {
  return findExecutable(
    'FIREFOX_PATH',
    ['firefox-esr', 'firefox'],
    ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  );
}

/** How the tests start it: the browser as its makers ship it, not one that Playwright has patched. */
export function firefoxLaunch() {
  const executablePath = findFirefox();
  return { channel: 'moz-firefox', ...(executablePath && { executablePath }), headless: true };
}
