import { describe, expect, it } from 'vitest';
import { codesOf, isServerAway, outcomeOf } from './smtp-reply.js';

const reply = (command: string, response: string) => ({
  message: response,
  command,
  response,
  responseCode: Number(response.slice(0, 3)),
});

describe('an attempt to deliver a mail that has failed', () => {
  it.each([
    ['RCPT TO', '550 5.1.1 no such user'],
    ['RCPT TO', '550-5.1.1 no such\n550 5.1.1 user'],
    ['RCPT TO', '553 5.1.2 no such domain'],
    ['RCPT TO', '550 5.2.1 mailbox disabled'],
    ['RCPT TO', '550 5.4.1 Recipient address rejected: Access denied'],
    ['RCPT TO', '556 5.1.10 no mail here'],
    ['RCPT TO', '550 no such user here'],
    ['RCPT TO', '551 user not local'],
  ])('at %s with %j says that the address takes none', (command, response) =>
    expect(outcomeOf(reply(command, response))).toBe('refused'),
  );

  it.each([
    ['RCPT TO', '552 5.2.2 mailbox full'],
    ['RCPT TO', '554 5.6.0 other'],
    ['DATA', '554 5.7.1 looks like spam'],
    ['DATA', '550 no'],
  ])('at %s with %j is the last one', (command, response) =>
    expect(outcomeOf(reply(command, response))).toBe('undeliverable'),
  );

  it.each([
    ['RCPT TO', '450 4.2.1 greylisted'],
    ['RCPT TO', '550 5.7.1 relaying denied'],
    ['RCPT TO', '530 authentication required'],
    ['MAIL FROM', '553 5.7.1 sender not allowed'],
    ['MAIL FROM', '550 5.1.8 no such sender'],
    ['AUTH PLAIN', '535 5.7.8 bad credentials'],
    ['DATA', '451 4.3.0 later'],
    ['DATA', '503 5.5.1 bad sequence'],
    ['CONN', '554 go away'],
  ])('at %s with %j is followed by another one', (command, response) =>
    expect(outcomeOf(reply(command, response))).toBe('retry'),
  );

  it('without an answer is followed by another one', () =>
    expect(outcomeOf({ message: 'connect ECONNREFUSED', command: 'CONN' })).toBe('retry'));

  it('says whether other mails would fail too', () => {
    expect(isServerAway({ message: 'timeout', command: 'CONN' })).toBe(true);
    expect(isServerAway({ message: 'closed' })).toBe(true);
    expect(isServerAway(reply('AUTH PLAIN', '535 no'))).toBe(true);
    expect(isServerAway(reply('MAIL FROM', '421 shutting down'))).toBe(true);
    expect(isServerAway(reply('RCPT TO', '550 no'))).toBe(false);
  });

  it('is known by its codes', () => {
    expect(codesOf(reply('RCPT TO', '550 5.1.1 <alice@example.com> unknown'))).toBe('550 5.1.1');
    expect(codesOf(reply('RCPT TO', '550 alice@example.com unknown'))).toBe('550');
    expect(codesOf({ message: 'timeout' })).toBe('');
  });
});
