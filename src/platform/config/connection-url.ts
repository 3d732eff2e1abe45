/**
 * Why a URL is not read as its author means it: mostly a password with a raw delimiter, whose rest would be taken for a
 * host and end up with a name server and in the log. Null where it is fine. Never repeats a piece of the URL.
 */
export function connectionUrlFault(url: string): string | null {
  const rest = url.slice(url.indexOf('://') + 3);
  const userInfo = rest.slice(0, Math.max(0, rest.lastIndexOf('@')));
  // RFC 3986 3.2: the first of these ends the user name and password, wherever their author thought that they end.
  const raw = /[@/?#]/.exec(userInfo)?.[0] ?? /[\s\\#]/.exec(rest)?.[0] ?? /%(?![0-9a-f]{2})/i.exec(rest)?.[0];
  if (raw !== undefined) {
    const name = /\s/.test(raw) ? 'white space' : `a raw "${raw}"`;
    return `must percent-encode its user name and password: it has ${name}, which is written ${encodeURIComponent(raw)} there`;
  }
  try {
    decodeURIComponent(userInfo);
  } catch {
    return 'must percent-encode its user name and password as UTF-8';
  }
  return null;
}

/** Whether a URL names several hosts, in its authority or as a parameter. */
export const namesSeveralHosts = (url: string): boolean =>
  /^[^/]*:\/\/[^/?]*,/.test(url.replace(/\/\/[^/]*@/, '//')) || /[?&]host=[^&]*(,|%2c)/i.test(url);
