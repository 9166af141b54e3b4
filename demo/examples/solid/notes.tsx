import { createCounts, createDeadLetters, createEnqueue, createJob, createJobs } from 'holdfast/solid';
import { createSignal, For } from 'solid-js';
import { queue } from '../notes-queue.ts';

export function Notes() {
  const [text, setText] = createSignal('');
  const note = createEnqueue(queue, 'note.push');
  const job = createJob(queue, () => note.data?.id);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    if (await note.enqueue({ text: text() })) setText('');
  };
  const said = () => {
    if (note.error) return 'Not saved.';
    if (!note.data) return '';
    if (job.isPending) return 'Saved.';
    return job.data ? `Saved: ${job.data.state}.` : 'Sent.';
  };
  return (
    <>
      <form onSubmit={save}>
        <label>
          Note <input name="text" required value={text()} onInput={(event) => setText(event.target.value)} />
        </label>
        <button type="submit" disabled={note.isPending}>
          Save
        </button>
      </form>
      <p role="status">{said()}</p>
      <Outbox />
      <Refused />
    </>
  );
}

function Outbox() {
  const counts = createCounts(queue);
  const running = createJobs(queue, () => ({ state: 'active' }));
  return (
    <section>
      <h2>{(counts()?.pending ?? 0) + (counts()?.active ?? 0)} to send</h2>
      <ul id="outbox">
        <For each={running.data?.jobs}>{(job) => <li>{job.payload.text}</li>}</For>
      </ul>
    </section>
  );
}

function Refused() {
  const dead = createDeadLetters(queue);
  return (
    <ul id="refused">
      <For each={dead.data?.jobs}>
        {(job) => (
          <li>
            {job.payload.text}{' '}
            <button type="button" onClick={() => dead.redrive(job.id)}>
              Try again
            </button>
            <button type="button" onClick={() => dead.remove(job.id)}>
              Delete
            </button>
          </li>
        )}
      </For>
    </ul>
  );
}
