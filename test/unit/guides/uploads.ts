import { checkpoints, createQueue, defineJobs, job, type QueueOptions, send, work } from 'holdfast';

const jobs = defineJobs({
  'file.upload': job<{ file: string }, { progress: number; checkpoint: number }>({ concurrency: 2 }),
});

const CHUNK = 1024 * 1024;

/** `load` reads a file from your own storage; undefined: it is there no more. */
export function openUploads(
  load: (file: string) => Promise<Blob | undefined>,
  where: Pick<QueueOptions, 'store' | 'environment'>,
) {
  const queue = createQueue({ name: 'uploads', jobs, use: [checkpoints()], ...where });
  const start = () =>
    work(queue, {
      'file.upload': async ({ file }, { job, signal, checkpoint, progress }) => {
        const blob = await load(file);
        if (blob === undefined) return; // Deleted meanwhile: there is nothing to send.
        for (let from = job.checkpoint ?? 0; from < blob.size; from += CHUNK) {
          const part = blob.slice(from, from + CHUNK);
          const range = `bytes ${from}-${from + part.size - 1}/${blob.size}`;
          const headers = { 'content-range': range };
          await send(`https://files.example/${file}`, { method: 'PUT', headers, body: part, signal });
          await checkpoint(from + part.size);
          progress((from + part.size) / blob.size);
        }
      },
    });
  return { queue, start, upload: (file: string) => queue.enqueue('file.upload', { file }, { id: file }) };
}
