import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HeldNote, KeyRecord, Ledger } from './ledger.ts';

/** Reads the ledger; an absent file is an empty one. Any other trouble throws: overwriting what cannot be read loses it. */
export async function readLedger(file: string): Promise<Ledger> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { notes: new Map(), keys: new Map() };
  const { notes, keys } = JSON.parse(text) as { notes: HeldNote[]; keys: KeyRecord[] };
  return {
    notes: new Map(notes.map((note) => [note.id, note])),
    keys: new Map(keys.map((record) => [record.key, record])),
  };
}

/** Writes beside the file and renames: a reader, or a crash, finds the old ledger or the new one. One call at a time. */
export async function writeLedger(file: string, ledger: Ledger): Promise<void> {
  const draft = `${file}.next`;
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(draft, 'w');
  try {
    await handle.writeFile(
      JSON.stringify({ notes: [...ledger.notes.values()], keys: [...ledger.keys.values()] }),
    );
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
