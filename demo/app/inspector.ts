import { defineInspector } from 'holdfast/inspector';
import { openSyncQueue } from './queue.ts';

// The queue of the app's own database: what its worker does in another tab shows here.
defineInspector();
const inspector = document.querySelector('holdfast-inspector');
if (inspector !== null) inspector.queue = openSyncQueue();
