import { AsyncLocalStorage } from 'node:async_hooks';

interface Note {
  seq: number | null;
}

const notes = new AsyncLocalStorage<Note>();

/** Runs work and returns, besides its result, the last number of the log that it has revoked under; null where none. */
export async function noting<T>(work: () => Promise<T>): Promise<[result: T, seq: number | null]> {
  const note: Note = { seq: null };
  return [await notes.run(note, work), note.seq];
}

export function noteRevocation(seq: number): void {
  const note = notes.getStore();
  if (note) note.seq = seq;
}
