import { describe, expect, it } from 'vitest';
import { isLinkLocal, isPublicAddress } from './public-address.js';

describe('a public address', () => {
  it.each(['1.1.1.1', '8.8.8.8', '93.184.216.34', '172.15.255.255', '172.32.0.0', '100.128.0.0', '223.255.255.255'])(
    '%s is one',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each(['2606:4700:4700::1111', '2a00:1450:4001::1', '2001:4860:4860::8888'])('%s is one', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
  ])('%s is none', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each([
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '4000::1',
  ])('%s is none', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each(['', 'localhost', 'example.com', '1.1.1', '01.1.1.1', '1.1.1.1:80', '[::1]'])('%j is none', (text) =>
    expect(isPublicAddress(text)).toBe(false),
  );
});

describe('a link-local address', () => {
  it.each(['169.254.169.254', 'fe80::1', 'fe80::1%eth0', '::ffff:169.254.169.254'])('%s is one', (address) =>
    expect(isLinkLocal(address)).toBe(true),
  );

  it.each(['10.0.0.1', '127.0.0.1', 'fd00::1', '8.8.8.8'])('%s is none', (address) =>
    expect(isLinkLocal(address)).toBe(false),
  );
});
