/**
 * The server's log: one JSON object a line. Never put a token, a password or anything a user wrote into a field.
 */
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

const order: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export function createLog(write: (line: string) => void, threshold: LogLevel): Log {
  const line =
    (level: LogLevel) =>
    (msg: string, fields: LogFields = {}): void => {
      if (order.indexOf(level) < order.indexOf(threshold)) return;
      write(`${JSON.stringify({ level, time: new Date().toISOString(), msg, ...fields })}\n`);
    };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

/** What an unexpected error may say in the log: its kind and where it happened. Messages could quote user data. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  return {
    error: error.name,
    at: error.stack?.split("\n").slice(1, 4).join(" ").replace(/\s+/g, " ").trim(),
  };
}
