import { expect, it } from "vitest";
import { createLog } from "../log";
import { BufferedFrames, type FrameAccount } from "./buffered-frames";

const large = 100 * 1024;

type Watched = { readonly account: FrameAccount; readonly happened: string[] };

function connect(frames: BufferedFrames, onCut = (): void => {}): Watched {
  const happened: string[] = [];
  const account = frames.open({
    hold: () => happened.push("hold"),
    release: () => happened.push("release"),
    cut: () => {
      happened.push("cut");
      onCut();
    },
  });
  return { account, happened };
}

function framesOf(limitBytes: number, patienceMs?: number): { frames: BufferedFrames; logged: string[] } {
  const logged: string[] = [];
  return {
    frames: new BufferedFrames(
      limitBytes,
      createLog((line) => logged.push(line), "warn"),
      patienceMs,
    ),
    logged,
  };
}

it("lets the frame that began first go on, and the others once there is room", () => {
  const { frames, logged } = framesOf(2 * large);
  const [first, second, third] = [connect(frames), connect(frames), connect(frames)];
  for (const { account } of [first, second, third]) account.receive(large);
  expect([first, second, third].map(({ happened }) => happened)).toEqual([[], [], ["hold"]]);
  first.account.receive(large);
  second.account.receive(large);
  expect([first, second, third].map(({ happened }) => happened)).toEqual([[], ["hold"], ["hold"]]);
  expect(frames.load).toMatchObject({ incomingBytes: 5 * large, held: 2, cut: 0 });
  expect(logged.filter((line) => line.includes("connections wait"))).toHaveLength(1);
  first.account.workedOff(first.account.complete());
  // Still too much for both: the older one goes on.
  expect([second.happened.at(-1), third.happened.at(-1)]).toEqual(["release", "hold"]);
  second.account.close();
  expect(third.happened).toEqual(["hold", "release"]);
  third.account.close();
  expect(frames.load).toMatchObject({ incomingBytes: 0, outgoingBytes: 0, held: 0 });
});

it("never holds what is small", () => {
  const { frames } = framesOf(large);
  const [big, small] = [connect(frames), connect(frames)];
  big.account.receive(3 * large);
  small.account.receive(100);
  expect(small.happened).toEqual([]);
});

it("cuts the one whose frame does not end while others wait", async () => {
  const { frames } = framesOf(large, 1);
  let other: Watched | undefined;
  await new Promise<void>((resolve) => {
    const stalled = connect(frames, () => {
      stalled.account.close();
      resolve();
    });
    stalled.account.receive(large);
    other = connect(frames);
    other.account.receive(large);
  });
  expect(other?.happened).toEqual(["hold", "release"]);
  expect(frames.load).toMatchObject({ cut: 1, held: 0, incomingBytes: large });
});

it("lets a connection send only what has room, or one thing at a time", () => {
  const { frames } = framesOf(large);
  const [first, second] = [connect(frames).account, connect(frames).account];
  first.sending(2 * large);
  expect([first.isCrowded, second.isCrowded]).toEqual([true, false]);
  second.sending(10);
  expect(second.isCrowded).toBe(true);
  first.close();
  // What a closed socket still reports is not counted again.
  first.sent(2 * large);
  expect([second.isCrowded, frames.load.outgoingBytes]).toEqual([false, 10]);
});
