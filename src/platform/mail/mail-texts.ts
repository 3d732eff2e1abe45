import { LOCALES, type Locale } from '../../common/locale.js';

type Texts<Key extends string> = Readonly<Record<Key, string>>;

const PLACEHOLDER = /\{\{(\w+)\}\}/g;
const LONGEST_VALUE = 200;

/** Values that every text may name. */
export type CommonValue = 'service' | 'to';
const COMMON: readonly string[] = ['service', 'to'] satisfies CommonValue[];

/**
 * The texts of one kind of mail in all languages: plain text, in which `{{name}}` stands for a value. Whatever it says is
 * escaped when it becomes HTML.
 */
export class MailTexts<Key extends string = string, Value extends string = string> {
  /** `values`: the names that texts may use, besides those of {@link CommonValue}. Throws where a text uses another one. */
  constructor(
    private readonly values: readonly Value[],
    private readonly texts: Readonly<Record<Locale, Texts<Key>>>,
  ) {
    const faults = LOCALES.flatMap((locale) => this.faultsIn(texts[locale]).map((fault) => `${locale}: ${fault}`));
    if (faults.length > 0) throw new Error(`Texts of mail: ${faults.join('; ')}`);
  }

  /** Returns the faults of texts that are to replace some of these. */
  faultsIn(texts: Readonly<Record<string, unknown>>): string[] {
    const known = new Set([...this.values, ...COMMON]);
    return Object.entries(texts).flatMap(([key, text]) => {
      if (!Object.hasOwn(this.texts.en, key)) return [`there is no text "${key}"`];
      if (typeof text !== 'string' || text.trim() === '') return [`"${key}" must be a text`];
      if (key === 'subject' && /[\r\n]/.test(text)) return ['"subject" must be one line'];
      const unknown = [...text.matchAll(PLACEHOLDER)].filter(([, name]) => !known.has(name!)).map(([all]) => all);
      if (unknown.length > 0) return [`"${key}" names ${unknown.join(', ')}, which has no value here`];
      return /\{\{|\}\}/.test(text.replace(PLACEHOLDER, '')) ? [`"${key}" has braces that enclose no name`] : [];
    });
  }

  /** Returns the texts of a language; those of the operator, which have no faults, in place of ours. */
  in(locale: Locale, operators: Readonly<Record<string, string>> = {}): Texts<Key> {
    return { ...this.texts[locale], ...operators };
  }
}

/** Returns a text with its values, each of which is one line of {@link LONGEST_VALUE} characters at most. */
export const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  // In one pass, so that braces in a value are not replaced.
  text.replace(PLACEHOLDER, (_, name: string) => oneLine(values[name]!));

/** Without line ends, other control characters, and marks that turn the direction of writing around. */
const oneLine = (value: string): string =>
  Array.from(value.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' '))
    .slice(0, LONGEST_VALUE)
    .join('')
    .trim();
