import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { parseJson } from '../../common/json.js';
import { isLocale, LOCALES, type Locale } from '../../common/locale.js';
import { Config, ConfigError } from '../config/config.js';
import type { MailKind } from './mail-kind.js';
import { LAYOUT_TEXTS, type Wording } from './mail-layout.js';
import type { MailTexts } from './mail-texts.js';

/** All kinds of mail, with the texts of the operator in place of ours. */
@Injectable()
export class MailKinds implements OnApplicationBootstrap {
  private readonly kinds = new Map<string, MailKind>();
  /** The texts of the operator, by the names of their files. */
  private readonly operators = new Map<string, Record<string, string>>();

  constructor(private readonly config: Config) {}

  add(kind: MailKind): void {
    if (this.kinds.has(kind.name) || kind.name === 'layout') throw new Error(`two kinds of mail named ${kind.name}`);
    this.kinds.set(kind.name, kind);
  }

  find(name: string): MailKind | undefined {
    return this.kinds.get(name);
  }

  /** Returns the texts of a kind of mail in a language. */
  wordingOf({ name, texts }: MailKind, locale: Locale): Pick<Wording, 'locale' | 'texts' | 'layout'> {
    const operators = (of: string) => this.operators.get(`${locale}/${of}.json`);
    return {
      locale,
      texts: texts.in(locale, operators(name)),
      layout: LAYOUT_TEXTS.in(locale, operators('layout')),
    };
  }

  /** Throws {@link ConfigError} with all faults of the folder `MAIL_TEXTS`. */
  onApplicationBootstrap(): void {
    if (this.config.mailTexts === null) return;
    const faults = this.readFolder(this.config.mailTexts);
    if (faults.length > 0) throw new ConfigError(faults.map((fault) => `MAIL_TEXTS: ${fault}`));
  }

  private readFolder(folder: string): string[] {
    try {
      return readdirSync(folder).flatMap((locale) =>
        isLocale(locale)
          ? readdirSync(join(folder, locale)).flatMap((file) => this.readTexts(folder, locale, file))
          : [`${locale} is none of the folders ${LOCALES.join(', ')}`],
      );
    } catch (error) {
      return [`the folder cannot be read (${(error as NodeJS.ErrnoException).code})`];
    }
  }

  private readTexts(folder: string, locale: Locale, file: string): string[] {
    const name = `${locale}/${file}`;
    const texts = this.textsOf(file);
    if (!texts) return [`${name} is named after no kind of mail: ${['layout', ...this.kinds.keys()].join(', ')}`];
    let given: unknown;
    try {
      given = parseJson(readFileSync(join(folder, name), 'utf8'));
    } catch (error) {
      return [`${name} cannot be read: ${(error as Error).message}`];
    }
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      return [`${name} must be an object of texts`];
    const faults = texts.faultsIn(given as Record<string, unknown>);
    this.operators.set(name, given as Record<string, string>);
    return faults.map((fault) => `${name}: ${fault}`);
  }

  private textsOf(file: string): MailTexts | undefined {
    const name = file.endsWith('.json') ? file.slice(0, -'.json'.length) : '';
    return name === 'layout' ? LAYOUT_TEXTS : this.kinds.get(name)?.texts;
  }
}
