import { describe, expect, it } from 'vitest';
import { deviceName } from './device-name.js';

describe('the device that a mail names', () => {
  it.each([
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox, Windows'],
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
      'Chrome, Linux',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0',
      'Edge, Windows',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari, iOS',
    ],
    ['curl/8.5.0', 'curl'],
  ])('%s', (userAgent, name) => expect(deviceName(userAgent)).toBe(name));

  it.each([
    [null],
    [''],
    ['Your account is locked: call +1 555 0100, or visit https://evil.example'],
    ['x'.repeat(5_000)],
  ])('says nothing of what a stranger has made up: %s', (userAgent) => expect(deviceName(userAgent)).toBe('?'));
});
