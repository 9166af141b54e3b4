import { BackgroundSyncPlugin } from 'holdfast/workbox';

/** A service worker of Workbox's, as far as it keeps requests. */
export const outbox = new BackgroundSyncPlugin('outbox', { maxRetentionTime: 24 * 60 });
