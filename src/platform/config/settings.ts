import type { Setting } from './setting.js';

type Settings = Readonly<Record<string, Setting<unknown>>>;
type Value<S> = S extends Setting<infer T> ? T : never;

/** The values of the settings of a section. */
export type ValuesOf<S> = { [K in keyof S]: Value<S[K]> };

/**
 * Rules about several values. A rule returns its faults, which begin with the name of a variable and tell what to do. A
 * value that could not be read is undefined here, so that no fault hides another.
 */
interface Rules<S> {
  contradictions?(values: Partial<ValuesOf<S>>): string[];
  /** Refuses values that are only safe on a developer's machine. */
  inProduction?(values: Partial<ValuesOf<S>>): string[];
}

/** The settings of one feature, which declares them in its `*.settings.ts`. */
export interface Section<S = Settings> extends Rules<S> {
  readonly settings: S;
}

export const section = <S extends Settings>(settings: S, rules: Rules<S> = {}): Section<S> => ({ settings, ...rules });

/** The type of {@link SETTINGS}. `src/settings.ts` states it, because this folder imports no feature. */
export interface GatheredSettings {}

/** Every setting of the service, by its name in the configuration. `src/settings.ts` fills it. */
export const SETTINGS = {} as Readonly<GatheredSettings>;

export const SECTIONS: Section[] = [];

/** Adds the settings of features to {@link SETTINGS}. Throws where two of them have the same name or variable. */
export function gatherSettings(sections: readonly Section[]): void {
  for (const [name, setting] of sections.flatMap(({ settings }) => Object.entries(settings))) {
    const variables = Object.values<Setting<unknown>>(SETTINGS).map(({ env }) => env);
    if (Object.hasOwn(SETTINGS, name) || variables.includes(setting.env))
      throw new Error(`The setting ${name} (${setting.env}) is declared twice: rename one of them`);
    Object.assign(SETTINGS, { [name]: setting });
  }
  SECTIONS.push(...sections);
}
