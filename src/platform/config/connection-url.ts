/**
 * Returns why a URL does not mean what its author expects; null where it does. The cause is mostly a password with a
 * raw delimiter: the rest of the password would be taken for a host, and reach a name server and the log. The text
 * contains no part of the URL.
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

/** Tells whether a URL names several hosts, in its authority or as a parameter. */
export const namesSeveralHosts = (url: string): boolean =>
  /^[^/]*:\/\/[^/?]*,/.test(url.replace(/\/\/[^/]*@/, '//')) || /[?&]host=[^&]*(,|%2c)/i.test(url);
