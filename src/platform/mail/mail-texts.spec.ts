import { describe, expect, it } from 'vitest';
import { LAYOUT_TEXTS, renderMail } from './mail-layout.js';
import { MailTexts, fill } from './mail-texts.js';

const words = { subject: 'To {{name}}', body: 'Hello {{name}}, from {{service}} to {{to}}' };
const TEXTS = new MailTexts(['name'], { en: words, de: words, fr: words, es: words });

describe('texts of mail', () => {
  it('are filled once, with values of one line', () => {
    expect(fill('{{a}} {{b}}', { a: '{{b}}', b: 'x\r\ny\u202ez' })).toBe('{{b}} x y z');
    expect(fill('{{a}}', { a: '🦊'.repeat(300) })).toBe('🦊'.repeat(200));
    expect(fill('$& {{a}}', { a: '$& $1 $`' })).toBe('$& $& $1 $`');
  });

  it('of the operator replace ours one by one', () => {
    expect(TEXTS.in('de', { subject: 'An {{name}}' })).toEqual({ ...words, subject: 'An {{name}}' });
  });

  it.each([
    [{ sujet: 'x' }, 'there is no text "sujet"'],
    [{ constructor: 'x' }, 'there is no text "constructor"'],
    [{ body: 7 }, '"body" must be a text'],
    [{ body: ' ' }, '"body" must be a text'],
    [{ body: 'Hello {{nom}}' }, '"body" names {{nom}}, which has no value here'],
    [{ body: 'Hello {{ name }}' }, '"body" has braces that enclose no name'],
    [{ body: 'Hello {{name' }, '"body" has braces that enclose no name'],
    [{ body: 'Hello {{{name}}}' }, null],
    [{ subject: 'a\nb' }, '"subject" must be one line'],
    [{ body: 'one line\nand another of {{service}} to {{to}}' }, null],
  ])('%j: %s', (given, fault) => expect(TEXTS.faultsIn(given)).toEqual(fault === null ? [] : [fault]));

  it('that name no value are a fault of ours', () => {
    const wrong = { ...words, body: '{{nom}}' };
    expect(() => new MailTexts(['name'], { en: words, de: words, fr: wrong, es: words })).toThrow('fr: "body"');
  });
});

describe('a mail', () => {
  it('is broken into lines for a terminal; links stay whole', () => {
    const url = `https://app.example.com/${'x'.repeat(100)}`;
    const long = 'word '.repeat(40).trim();
    const texts = { subject: 's', body: long, open: 'Open' };
    const mail = renderMail(
      { values: {}, body: ['body', { link: 'open', url }, { code: '123456' }] },
      { locale: 'en', texts, layout: LAYOUT_TEXTS.in('en'), common: { service: 'S', to: 'a@example.com' } },
    );
    const lines = mail.text.split('\n');
    expect(lines.filter((line) => line.length > 72)).toEqual([url]);
    expect(lines.filter((line) => line.startsWith('word')).join(' ')).toBe(long);
    expect(lines).toContain('    123456');
    expect(mail.links).toEqual([url]);
  });
});
