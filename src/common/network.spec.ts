import { describe, expect, it } from 'vitest';
import { networkOf, siteOf, spellingsOfNetwork } from './network.js';

describe('the site that an address is counted under', () => {
  it.each([
    ['203.0.113.7', '203.0.113.0/24'],
    ['::ffff:203.0.113.7', '203.0.113.0/24'],
    ['2001:db8:1:2::9', '2001:db8:1::/48'],
    ['::1', '0:0:0::/48'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (address, site) => expect(siteOf(address)).toBe(site));
});

describe('the network that an address is counted under', () => {
  it.each(['0.0.0.0', '127.0.0.1', '203.0.113.7', '255.255.255.255'])('is %s itself', (address) =>
    expect(networkOf(address)).toBe(address),
  );

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::', '2001:db8:1:3::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['1::8', '1:0:0:0::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['1:2::4:5:6:7:8', '1:2:0:4::/64'],
    ['1:2:3:4:5:6:255.255.255.255', '1:2:3:4::/64'],
    ['2001:db8:1:2::198.51.100.7', '2001:db8:1:2::/64'],
    ['64:ff9b::198.51.100.7', '64:ff9b:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1', 'fe80:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::1%a::b', 'fe80:0:0:0::/64'],
  ])('of %s is %s', (address, network) => expect(networkOf(address)).toBe(network));

  it.each([
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:255.255.255.255', '255.255.255.255'],
    ['::ffff:0.0.0.0', '0.0.0.0'],
    ['::ffff:203.0.113.7%eth0', '203.0.113.7'],
  ])('of the IPv4-mapped %s is %s', (address, network) => expect(networkOf(address)).toBe(network));

  it.each([
    '::203.0.113.7',
    '::ffff:0:203.0.113.7',
    '1::ffff:203.0.113.7',
    '::1:ffff:203.0.113.7',
    '::fffe:203.0.113.7',
  ])('of %s, which only looks mapped, is an IPv6 one', (address) =>
    expect(networkOf(address)).toMatch(/^[0-9a-f:]+::\/64$/),
  );

  it.each([
    '',
    'unknown',
    'example.com',
    '203.0.113',
    '203.0.113.07',
    '203.0.113.256',
    '203.0.113.7:443',
    '[::1]',
    '1:2:3',
    ':::',
    '1::2::3',
    'fe80::1%',
  ])('is the common one of all unreadable texts for %j', (text) => expect(networkOf(text)).toBe('unknown'));

  it('is the same for every spelling, and another for every other /64', () => {
    const groups = ['2001', 'db8', 'a', 'b', '1', '2', '3', '4'];
    const own = networkOf(groups.join(':'));
    for (let i = 0; i < 8; i++) {
      const other = networkOf(groups.map((group, at) => (at === i ? 'ffff' : group)).join(':'));
      expect(other === own).toBe(i >= 4);
      const padded = groups.map((group, at) => (at === i ? group.padStart(4, '0').toUpperCase() : group)).join(':');
      expect(networkOf(padded)).toBe(own);
    }
  });
});

describe('the spellings of a network', () => {
  it.each([
    ['203.0.113.7', ['0:0:0:0:0:ffff:cb00:7107/128', '203.0.113.7/32']],
    ['203.0.113.0/24', ['0:0:0:0:0:ffff:cb00:7100/120', '203.0.113.0/24']],
    ['0.0.0.0/0', ['0:0:0:0:0:ffff:0:0/96', '0.0.0.0/0']],
    ['::ffff:203.0.113.7', ['0:0:0:0:0:ffff:cb00:7107/128', '203.0.113.7/32']],
    ['::ffff:203.0.113.0/120', ['0:0:0:0:0:ffff:cb00:7100/120', '203.0.113.0/24']],
    ['::FFFF:0:0/96', ['0:0:0:0:0:ffff:0:0/96', '0.0.0.0/0']],
    ['::ffff:0:0/95', null],
    ['::fffe:0:0/95', ['0:0:0:0:0:fffe:0:0/95', '0.0.0.0/0']],
    ['::/80', ['0:0:0:0:0:0:0:0/80', '0.0.0.0/0']],
    ['::/81', ['0:0:0:0:0:0:0:0/81']],
    ['::/0', ['0:0:0:0:0:0:0:0/0', '0.0.0.0/0']],
    ['2001:db8::1', ['2001:db8:0:0:0:0:0:1/128']],
    ['2001:db8::/32', ['2001:db8:0:0:0:0:0:0/32']],
    ['::203.0.113.7', ['0:0:0:0:0:0:cb00:7107/128']],
  ])('%s: %j', (text, spellings) => expect(spellingsOfNetwork(text)).toEqual(spellings));

  it.each([
    '',
    '/',
    '/24',
    'unknown',
    '203.0.113',
    '203.0.113.0/',
    '203.0.113.0/33',
    '203.0.113.0/024',
    '203.0.113.0/-1',
    '203.0.113.0/2.4',
    '203.0.113.0/24/24',
    '203.0.113.0/24 ',
    '203.0.113.1/24',
    '128.0.0.0/0',
    '2001:db8::/129',
    '2001:db8::1/64',
    '1::/0',
    'fe80::1%eth0',
    'fe80::%eth0/64',
    '::ffff:203.0.113.7/121',
  ])('there are none of %j', (text) => expect(spellingsOfNetwork(text)).toBeNull());
});
