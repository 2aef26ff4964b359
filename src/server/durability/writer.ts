/**
 * One device that writes without pause and remembers exactly what it was told is safe. It speaks the protocol itself,
 * and does what the SDK does after a broken connection: identifies itself with its progress, and sends again whatever
 * was not acknowledged.
 *
 * Change k of a device creates one plant, adds one to the device's own tally and one to the tally of its account. What
 * a store holds of it is therefore a prefix of its changes, with both tallies to match, or something went wrong.
 */
import { createHash } from "node:crypto";
import { encodeChangeset, type Instruction } from "../changeset";
import type { Random } from "../testing/random";
import { type RawAccount, RawClient, type RawMessage } from "../testing/raw-client";

const queries = JSON.stringify({ Plant: "TRUEPREDICATE", Tally: "TRUEPREDICATE" });

/** Client versions below are the schema's. */
const firstVersion = 3;

const noProgress = { server: 0, client: 0, latest: 0, latestSalt: "0" };

type Change = { readonly version: number; readonly baseVersion: number; readonly bytes: Uint8Array };

export class Writer {
  readonly name: string;
  readonly account: RawAccount;
  readonly accountName: string;
  readonly #random: Random;
  #client: RawClient | undefined;
  #file: string | undefined;
  #progress = noProgress;
  #made = 0;
  #acknowledgedVersion = 0;
  #unacknowledged: Change[] = [];
  /** The newest version that went out on this connection. */
  #sentVersion = 0;
  /** What the server refused: it must refuse nothing. */
  readonly #refusals: string[] = [];

  constructor(name: string, account: RawAccount, accountName: string, random: Random) {
    this.name = name;
    this.account = account;
    this.accountName = accountName;
    this.#random = random;
  }

  /** How many changes exist, counted from 1. */
  get made(): number {
    return this.#made;
  }

  get refusals(): readonly string[] {
    return this.#refusals;
  }

  get acknowledged(): number {
    return Math.max(0, this.#acknowledgedVersion - firstVersion + 1);
  }

  /** Registers a file, sends the schema and subscribes. Only while nobody kills the server. */
  async join(url: string): Promise<void> {
    const client = await this.#connect(url);
    client.send("bind 1 1 0 1 0", "p");
    const { head } = await client.next("ident");
    this.#file = `${head[2]} ${head[3]}`;
    client.send(`ident 1 ${this.#file} 0 0 0 0 0 2`, "{}");
    await this.#followNext(client);
    this.#unacknowledged.push({
      version: firstVersion - 1,
      baseVersion: this.#progress.server,
      bytes: encodeChangeset(schema),
    });
    this.#send(client);
    await this.#untilAcknowledged(client, firstVersion - 1);
    client.send(`query 1 1 ${queries.length}`, queries);
    for (let isComplete = false; !isComplete; ) {
      const { head } = await this.#followNext(client);
      isComplete = head[8] === "1" && head[9] === "1";
    }
  }

  /** Writes until the connection breaks, a few changes in flight at any time. */
  async write(url: string): Promise<void> {
    try {
      const client = await this.#resume(url);
      for (;;) {
        for (let more = this.#random.below(4); more >= 0; more--) this.#make();
        this.#send(client);
        const awaited = this.#random.pick(this.#unacknowledged);
        if (awaited) await this.#untilAcknowledged(client, awaited.version);
      }
    } catch (error) {
      if (error instanceof Refused) this.#refusals.push(`${this.name}: ${error.message}`);
      this.disconnect();
    }
  }

  /** Sends what is left and waits until all of it is acknowledged, or refused. */
  async finish(url: string): Promise<void> {
    try {
      const client = await this.#resume(url);
      this.#send(client);
      await this.#untilAcknowledged(client, this.#made + firstVersion - 1);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refusals.push(`${this.name}: ${error.message}`);
    } finally {
      this.disconnect();
    }
  }

  disconnect(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  async #connect(url: string): Promise<RawClient> {
    const client = await RawClient.connect(url, this.account.accessToken);
    if (typeof client === "number") throw new Refused(`the connection, with status ${client}`);
    this.#client = client;
    this.#sentVersion = this.#acknowledgedVersion;
    return client;
  }

  async #resume(url: string): Promise<RawClient> {
    const client = await this.#connect(url);
    const { server, client: own, latest, latestSalt } = this.#progress;
    client.send("bind 1 1 0 0 0", "p");
    client.send(
      `ident 1 ${this.#file} ${server} ${own} ${latest} ${latestSalt} 1 ${queries.length}`,
      queries,
    );
    return client;
  }

  #make(): void {
    this.#made += 1;
    this.#unacknowledged.push({
      version: this.#made + firstVersion - 1,
      baseVersion: this.#progress.server,
      bytes: encodeChangeset(this.#instructions(this.#made)),
    });
  }

  /**
   * What did not go out on this connection yet. After a broken one that is everything not acknowledged, also what the
   * server has: it must take each change once, however often it comes.
   */
  #send(client: RawClient): void {
    const unsent = this.#unacknowledged.filter(({ version }) => version > this.#sentVersion);
    const last = unsent.at(-1);
    if (!last) return;
    this.#sentVersion = last.version;
    const body = Buffer.concat(
      unsent.flatMap(({ version, baseVersion, bytes }) => [
        Buffer.from(`${version} ${baseVersion} 1000 0 ${bytes.length} `),
        bytes,
      ]),
    );
    client.send(`upload 1 0 ${body.length} 0 ${last.version} ${last.baseVersion} 0`, body);
  }

  async #untilAcknowledged(client: RawClient, version: number): Promise<void> {
    while (this.#acknowledgedVersion < version) await this.#followNext(client);
  }

  async #followNext(client: RawClient): Promise<RawMessage> {
    const message = await client.nextOf(["download", "json_error", "query_error"]);
    const { head } = message;
    if (head[0] !== "download") throw new Refused(message.body.toString());
    this.#progress = {
      server: Number(head[2]),
      client: Number(head[3]),
      latest: Number(head[4]),
      latestSalt: head[5] ?? "",
    };
    this.#acknowledgedVersion = Math.max(this.#acknowledgedVersion, Number(head[6]));
    this.#unacknowledged = this.#unacknowledged.filter(({ version }) => version > this.#acknowledgedVersion);
    return message;
  }

  #instructions(k: number): Instruction[] {
    const { userId } = this.account;
    const [own, shared] = [tallyOf(this.name), tallyOf(this.accountName)];
    return [
      ...(k === 1 ? [own, shared].flatMap((id) => created("Tally", id, userId)) : []),
      ...created("Plant", plantOf(this.name, k), userId),
      {
        kind: "Update",
        table: "Plant",
        pk: { kind: "string", value: plantOf(this.name, k) },
        field: "text",
        path: [],
        value: { kind: "string", value: textOf(this.name, k) },
        isDefault: false,
      },
      ...[own, shared].map(
        (id): Instruction => ({
          kind: "AddInteger",
          table: "Tally",
          pk: { kind: "string", value: id },
          field: "count",
          path: [],
          value: 1n,
        }),
      ),
    ];
  }
}

/** The server said no, which is another thing than a broken connection. */
class Refused extends Error {}

export function plantOf(writer: string, k: number): string {
  return `${writer}/${k}`;
}

export function tallyOf(name: string): string {
  return `tally of ${name}`;
}

/** Of any size up to some kilobytes, and different for every change. */
export function textOf(writer: string, k: number): string {
  const digest = createHash("sha256").update(plantOf(writer, k)).digest("hex");
  return digest.repeat(1 + (Number.parseInt(digest.slice(0, 2), 16) % 60));
}

function created(table: string, id: string, userId: string): Instruction[] {
  const pk = { kind: "string", value: id } as const;
  return [
    { kind: "CreateObject", table, pk },
    {
      kind: "Update",
      table,
      pk,
      field: "owner_id",
      path: [],
      value: { kind: "string", value: userId },
      isDefault: false,
    },
  ];
}

const schema: Instruction[] = [
  ...["Plant", "Tally"].map(
    (table): Instruction => ({
      kind: "AddTable",
      table,
      spec: { kind: "topLevel", pkField: "_id", pkType: "string", pkNullable: false, isAsymmetric: false },
    }),
  ),
  ...(
    [
      ["Plant", "owner_id", "string"],
      ["Plant", "text", "string"],
      ["Tally", "owner_id", "string"],
      ["Tally", "count", "int"],
    ] as const
  ).map(
    ([table, field, type]): Instruction => ({
      kind: "AddColumn",
      table,
      field,
      type,
      nullable: false,
      collection: "single",
    }),
  ),
];
