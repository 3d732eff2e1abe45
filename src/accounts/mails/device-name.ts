const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  // Those first that state another one's name as well.
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

const nameIn = (names: typeof PROGRAMS, text: string): string[] => {
  const found = names.find(([pattern]) => pattern.test(text));
  return found ? [found[1]] : [];
};

/**
 * A few words for the browser and the system that a `User-Agent` header states; `?` where it states none that we know. The
 * header itself is a text of a stranger, which no mail repeats.
 */
export function deviceName(userAgent: string | null): string {
  const text = userAgent ?? '';
  return [...nameIn(PROGRAMS, text), ...nameIn(SYSTEMS, text)].join(', ') || '?';
}
