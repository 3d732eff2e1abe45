import { describe, expect, it } from 'vitest';
import { IdPipe } from './id.pipe.js';

const pipe = new IdPipe(/^svc_[\w-]{4}$/);

describe('an id of another form in a path', () => {
  it('is taken as it is', () => expect(pipe.transform('svc_aB-9')).toBe('svc_aB-9'));

  it.each(['', 'svc_', 'svc_aB-9x', 'xsvc_aB-9', 'SVC_aB-9', 'svc_aB-9\n', '\0'])('names nothing as %j', (text) =>
    expect(() => pipe.transform(text)).toThrow(expect.objectContaining({ code: 'not_found' })),
  );
});
