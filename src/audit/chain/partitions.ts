import type { EntityManager } from 'typeorm';

const DAY_MS = 24 * 3600 * 1000;
const NAME = /^audit_events_(\d{4})(\d\d)(\d\d)$/;

const dayOf = (time: Date): Date => new Date(Math.floor(time.getTime() / DAY_MS) * DAY_MS);
const nameOf = (day: Date): string => `audit_events_${day.toISOString().slice(0, 10).replaceAll('-', '')}`;

/**
 * Makes the partition of a time where there is none. It is made first and attached then, which lets others read the log
 * meanwhile.
 */
export async function makePartition(time: Date, manager: EntityManager): Promise<void> {
  const day = dayOf(time);
  const name = nameOf(day);
  const attached = await manager.query<unknown[]>('SELECT FROM pg_inherits WHERE inhrelid = to_regclass($1)', [name]);
  if (attached.length > 0) return;
  const [from, to] = [day, new Date(day.getTime() + DAY_MS)].map((bound) => bound.toISOString());
  await manager.query(`CREATE TABLE ${name} (LIKE audit_events INCLUDING ALL)`);
  await manager.query(`ALTER TABLE audit_events ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
}

/** Returns the partitions all of whose events were sealed before `time`, the oldest first. */
export async function partitionsBefore(time: Date, manager: EntityManager): Promise<string[]> {
  const rows = await manager.query<{ name: string }[]>(
    `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
     WHERE inhparent = 'audit_events'::regclass ORDER BY relname`,
  );
  return rows
    .map(({ name }) => name)
    .filter((name) => {
      const [, year, month, day] = NAME.exec(name) ?? [];
      return year !== undefined && Date.UTC(Number(year), Number(month) - 1, Number(day) + 1) <= time.getTime();
    });
}
