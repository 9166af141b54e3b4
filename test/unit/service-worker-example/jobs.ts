// jobs.ts
import { createQueue, defineJobs, job } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';

const jobs = defineJobs({ 'note.push': job<{ text: string }>({ timeoutMs: 30_000 }) });

export const makeQueue = () => createQueue({ name: 'sync', jobs, store: indexedDBStore('notes-app') });
