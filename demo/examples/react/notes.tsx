import { useCounts, useDeadLetters, useEnqueue, useJob, useJobs } from 'holdfast/react';
import { type FormEvent, useState } from 'react';
import { queue } from '../notes-queue.ts';

export function Notes() {
  const [text, setText] = useState('');
  const { enqueue, data: saved, isPending, error } = useEnqueue(queue, 'note.push');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (await enqueue({ text })) setText('');
  };
  return (
    <>
      <form onSubmit={save}>
        <label>
          Note <input name="text" required value={text} onChange={(event) => setText(event.target.value)} />
        </label>
        <button type="submit" disabled={isPending}>
          Save
        </button>
      </form>
      <p role="status">{error ? 'Not saved.' : saved && <Saved id={saved.id} />}</p>
      <Outbox />
      <Refused />
    </>
  );
}

function Saved({ id }: { id: string }) {
  const { data: job, isPending } = useJob(queue, id);
  if (isPending) return 'Saved.';
  return job ? `Saved: ${job.state}.` : 'Sent.';
}

function Outbox() {
  const counts = useCounts(queue);
  const { data } = useJobs(queue, { state: 'active' });
  return (
    <section>
      <h2>{(counts?.pending ?? 0) + (counts?.active ?? 0)} to send</h2>
      <ul id="outbox">
        {data?.jobs.map((job) => (
          <li key={job.id}>{job.payload.text}</li>
        ))}
      </ul>
    </section>
  );
}

function Refused() {
  const { data, redrive, remove } = useDeadLetters(queue);
  return (
    <ul id="refused">
      {data?.jobs.map((job) => (
        <li key={job.id}>
          {job.payload.text}{' '}
          <button type="button" onClick={() => redrive(job.id)}>
            Try again
          </button>
          <button type="button" onClick={() => remove(job.id)}>
            Delete
          </button>
        </li>
      ))}
    </ul>
  );
}
