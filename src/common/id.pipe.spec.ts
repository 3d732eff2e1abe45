import { describe, expect, it } from 'vitest';
import { IdPipe } from './id.pipe.js';

const pipe = new IdPipe(/^svc_[\w-]{4}$/);

describe('an id in a path', () => {
  it('is what has its form', () => expect(pipe.transform('svc_aB-_')).toBe('svc_aB-_'));

  it.each(['', 'svc_', 'svc_aB-_x', 'SVC_aB-_', 'svc_aB-\0', '\0', 'svc_\ud800abc'])('names nothing as %j', (text) =>
    expect(() => pipe.transform(text)).toThrow(expect.objectContaining({ code: 'not_found' })),
  );
});
