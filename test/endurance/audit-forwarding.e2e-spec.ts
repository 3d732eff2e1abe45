import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceProcess, soon } from '../flows/service-process.js';
import { causeEvents, ForwardingScene, sendAgain } from '../support/audit-forwarding.js';

const ROUNDS = 20;

describe('the audit log is forwarded', () => {
  let scene: ForwardingScene;
  beforeEach(async () => void (scene = await ForwardingScene.open()));
  afterEach(() => scene.close());

  it(`and nothing is lost where the service is killed in the middle, ${ROUNDS} times`, async () => {
    const ids = new Set<string>();
    const client = new Client({ connectionString: scene.database.url });
    await client.connect();
    for (let round = 0; round < ROUNDS; round++) {
      const { service, http } = await ServiceProcess.start(scene.environment);
      const { length } = scene.webhook.received;
      for (let n = 0; n < 5; n++) {
        const email = `killed${round}-${n}@example.com`;
        const { body } = await http.post<{ id: string }>('/auth/register', { email, password: 'seven green bicycles' });
        ids.add(body.id);
      }
      // A kill before, while and after they are sent.
      if (round % 3 > 0) await soon(() => scene.webhook.received.length > length + (round % 3) - 1);
      await service.kill();
      // The lease of a killed worker would end by itself, after a minute.
      await client.query('UPDATE audit_forwarding SET leased_until = NULL');
    }
    await client.end();
    const seqs = await causeEvents(await scene.start(), 1);
    await sendAgain(scene.apps[0]!);
    for (const sink of [scene.webhook, scene.syslog]) {
      expect(await soon(() => sink.sequences.at(-1) === seqs.at(-1))).toBe(true);
      expect([...new Set(sink.sequences)].sort((a, b) => a - b)).toEqual(seqs);
    }
    const created = scene.webhook.received.filter(({ metadata }) => metadata.event_code === 'user.created');
    expect(JSON.stringify(created)).toSatisfy((text: string) => [...ids].every((id) => text.includes(id)));
  });
});
