import type { MailContent } from './mail-kind.js';
import type { MailTexts } from './mail-texts.js';

/** What a mail with these texts says, so that each key and each value that it names exists. */
export type ContentOf<Texts> = Texts extends MailTexts<infer Key, infer Value> ? MailContent<Key, Value> : never;
