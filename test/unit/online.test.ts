import { online } from 'holdfast/browser';
import { afterEach, describe, expect, it, vi } from 'vitest';

describe('the online gate', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each([
    ['is online', 'open', { onLine: true }],
    ['is offline', 'closed', { onLine: false }],
    ['does not say', 'open', {}],
    ['is none', 'open', undefined],
  ])('of a browser that %s is %s', (_, state, navigator) => {
    vi.stubGlobal('navigator', navigator);
    expect(online().isOpen()).toBe(state === 'open');
  });

  it('tells who subscribed that the browser has changed its mind, and nobody else', () => {
    const browser = new EventTarget();
    vi.stubGlobal('addEventListener', browser.addEventListener.bind(browser));
    vi.stubGlobal('removeEventListener', browser.removeEventListener.bind(browser));
    const told: string[] = [];
    const gate = online();
    const end = gate.subscribe(() => told.push('one'));
    gate.subscribe(() => told.push('other'));
    browser.dispatchEvent(new Event('online'));
    end();
    browser.dispatchEvent(new Event('offline'));
    expect(told).toEqual(['one', 'other', 'other']);
  });
});
