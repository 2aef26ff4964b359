/** The failures of loading, with Chromium's numbers for those that an app may tell apart. */

const errorCodes: Readonly<Record<string, number>> = {
  ERR_FAILED: -2,
  ERR_ABORTED: -3,
  ERR_FILE_NOT_FOUND: -6,
  ERR_ACCESS_DENIED: -10,
  ERR_CONNECTION_RESET: -101,
  ERR_CONNECTION_REFUSED: -102,
  ERR_NAME_NOT_RESOLVED: -105,
  ERR_INTERNET_DISCONNECTED: -106,
  ERR_INVALID_URL: -300,
  ERR_UNKNOWN_URL_SCHEME: -302,
  ERR_TOO_MANY_REDIRECTS: -310,
  ERR_EMPTY_RESPONSE: -324,
};
const failedCode = -2;

export type LoadError = Error & { code: string; errno: number; url: string };

/** `name` is Chromium's (`ERR_...`); one that is not listed has the number of a failure without a reason. */
export function loadError(name: string, url: string): LoadError {
  const errno = errorCodes[name] ?? failedCode;
  return Object.assign(new Error(`${name} (${errno}) loading '${url}'`), { code: name, errno, url });
}
