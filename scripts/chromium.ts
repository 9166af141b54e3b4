import { findExecutable } from './executables.ts';

const commands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const applications = [
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * The path of a Chromium or Chrome: CHROMIUM_PATH when it is set, else the first one in the usual places.
 * Throws when CHROMIUM_PATH names no file.
 */
export function findChromium(): string | undefined {
  return findExecutable('CHROMIUM_PATH', commands, applications);
}

/** How the tests start Chromium: no window, no sandbox (root has none in a container), no traffic of its own. */
export function chromiumLaunch(executablePath = findChromium()) {
  return {
    ...(executablePath && { executablePath }),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  };
}

/** What to tell somebody whose machine has no Chromium. */
export const chromiumHelp = `To run the tests that need a browser, install Chromium or Google Chrome:
  Debian, Ubuntu   sudo apt-get install chromium
  Fedora           sudo dnf install chromium
  macOS            brew install --cask google-chrome
  anywhere else    set CHROMIUM_PATH to its executable`;
