/** `perennial-server users …`: the accounts. What is done to them is decided in ../../auth/user-administration.ts. */
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { UserAnswer, UserRequest } from "../../auth/user-administration";
import { askAndReport } from "./ask";
import { type Command, dataOption, parsed, type Terminal, UsageError } from "./command";

const actions = ["list", "create", "delete", "disable", "enable", "reset-password"] as const;

export const users: Command = {
  summary: "accounts: list, create, delete, disable, enable, reset-password",
  help: `perennial-server users <action> [options]

  list                   every account, how it signs in, and when it last did
  create EMAIL           a new account; prints a password, or takes it from standard input
  delete WHO             removes the account and its log-ins; its objects stay, and belong to nobody
  disable WHO            ends its log-ins and lets it not sign in any more
  enable WHO             lets it sign in again
  reset-password WHO     prints a token with which its owner can set a new password within 24 hours

WHO is an e-mail address, an id, or the name a custom token gives. Works on a running server and without one.

  --data DIR             where everything is kept (default: ./perennial-data)
  --password-stdin       with create: the password is the first line of standard input
  --json                 one JSON object on one line

Exit code 0: done. 1: not done, with the reason. 2: not understood.`,
  async run(args, terminal) {
    const { values, positionals } = parsed(() =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          ...dataOption,
          "password-stdin": { type: "boolean", default: false },
          json: { type: "boolean", default: false },
        },
      }),
    );
    const request = await requestOf(positionals, values["password-stdin"]);
    return askAndReport<UserAnswer>(resolve(values.data), { kind: "users", request }, terminal, {
      asJson: values.json,
      words: tell,
    });
  },
};

async function requestOf(
  [action, who, ...more]: readonly string[],
  readsPassword: boolean,
): Promise<UserRequest> {
  const known = actions.find((name) => name === action);
  if (!known) throw new UsageError(`users needs one of: ${actions.join(", ")}.`);
  if (readsPassword && known !== "create") throw new UsageError("--password-stdin goes with create only.");
  if (known === "list") {
    if (who !== undefined) throw new UsageError("users list takes no arguments.");
    return { action: known };
  }
  if (who === undefined || who === "" || more.length > 0)
    throw new UsageError(`users ${known} needs one account.`);
  if (known !== "create") return { action: known, who };
  return { action: known, who, ...(readsPassword && { password: await readLine() }) };
}

async function readLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  throw new UsageError("Standard input ended before a password came.");
}

function tell(answer: UserAnswer, terminal: Terminal): void {
  switch (answer.kind) {
    case "listed":
      for (const { id, logIns, lastLogInAt, isDisabled } of answer.users) {
        const names = logIns.map(({ provider, name }) => (provider === "anon-user" ? "anonymous" : name));
        const state = isDisabled ? "disabled" : `last log-in ${lastLogInAt ?? "never"}`;
        terminal.print(`${id}  ${names.join(", ")}  ${state}`);
      }
      terminal.print(`${answer.users.length} account${answer.users.length === 1 ? "" : "s"}`);
      return;
    case "created":
      terminal.print(`Created ${answer.email} with the id ${answer.id}`);
      if (answer.password !== undefined) terminal.print(`Password: ${answer.password}`);
      return;
    case "resetIssued":
      terminal.print(`For ${answer.email}, once, until ${answer.expiresAt}:`);
      terminal.print(`token:   ${answer.token}`);
      terminal.print(`tokenId: ${answer.tokenId}`);
      return;
    case "failed":
      // Told already.
      return;
    default:
      terminal.print(`Account ${answer.id} is ${answer.kind}`);
  }
}
