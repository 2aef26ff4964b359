// What the command-line tools do with arguments they cannot take: say it, and end with a code.

export function fail(message: string, code: number): never {
  console.error(message);
  process.exit(code);
}

/** Ends the process with code 2 where the text is no whole number from `least` on. */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    fail(`--${name} takes a whole number from ${least} on`, 2);
  return value;
}
