import { chromiumHelp, findChromium } from './chromium.ts';
import { installPackages } from './debian.ts';
import { findFirefox } from './firefox.ts';
import { findWebKit } from './webkit.ts';

/** A browser that tests run in. */
export interface Engine {
  readonly name: string;
  readonly find: () => object | string | undefined;
  /** Debian's packages with all that it needs. */
  readonly packages: readonly string[];
  readonly help: string;
}

export const chromium: Engine = {
  name: 'Chromium',
  find: findChromium,
  packages: ['chromium'],
  help: chromiumHelp,
};

export const firefox: Engine = {
  name: 'Firefox',
  find: findFirefox,
  packages: ['firefox-esr'],
  help: `To run the tests in Firefox, install it:
  Debian           sudo apt-get install firefox-esr
  anywhere else    set FIREFOX_PATH to its executable`,
};

export const webKit: Engine = {
  name: 'WebKit',
  find: findWebKit,
  packages: ['webkit2gtk-driver', 'xvfb', 'xauth'],
  help: `To run the tests in WebKit, install its driver and a screen for it:
  Debian, Ubuntu   sudo apt-get install webkit2gtk-driver xvfb xauth
  elsewhere        set WEBKIT_DRIVER_PATH, MINIBROWSER_PATH and XVFB_RUN_PATH; there is none for macOS and Windows`,
};

/** Installs the engine where it is missing and that is possible. Answers why there is none, or undefined. */
export async function provide({ name, find, packages }: Engine): Promise<string | undefined> {
  if (find()) return undefined;
  const obstacle = await installPackages(packages);
  return find()
    ? undefined
    : `no ${name} was found, and ${obstacle ?? `${packages.join(', ')} brought none`}`;
}
