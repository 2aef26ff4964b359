import { describe, expect, it } from "vitest";
import { createWaitingLine, type Writable } from "./waiting-line";

function lineOf(first: Writable) {
  let writable = first;
  const done: string[] = [];
  const line = createWaitingLine(() => writable);
  return {
    ...line,
    done,
    become(next: Writable) {
      writable = next;
      line.look();
    },
    ask: (name: string) => line.take(() => `${name} ${done.push(name)} ${writable}`),
  };
}

describe("the waiting line", () => {
  it.each(["now", "no"] as const)("lets nobody wait who is answered at once: %s", (writable) => {
    const line = lineOf(writable);
    expect(line.ask("a")).toBe(`a 1 ${writable}`);
  });

  it.each(["now", "no"] as const)(
    "answers whoever waited in order once it is known: %s",
    async (writable) => {
      const line = lineOf("soon");
      const asked = ["a", "b", "c"].map(line.ask);
      expect(line.done).toEqual([]);
      line.become(writable);
      // Asked before those that waited had their turn.
      asked.push(line.ask("d"));
      expect(line.done).toEqual([]);
      expect(await Promise.all(asked)).toEqual(
        ["a", "b", "c", "d"].map((n, at) => `${n} ${at + 1} ${writable}`),
      );
    },
  );

  it("goes on waiting where it was not so after all", async () => {
    const line = lineOf("soon");
    const asked = line.ask("a");
    line.become("now");
    line.become("soon");
    await new Promise((resolve) => setImmediate(resolve));
    expect(line.done).toEqual([]);
    line.become("now");
    expect(await asked).toBe("a 1 now");
  });

  it("does not let one that throws keep the others waiting", async () => {
    const line = lineOf("soon");
    const broken = line.take(() => {
      throw new Error("broken");
    });
    const next = line.ask("b");
    line.become("now");
    await expect(broken).rejects.toThrow("broken");
    expect(await next).toBe("b 1 now");
  });

  it("is emptied at once where there is no later", () => {
    const line = lineOf("soon");
    void line.ask("a");
    line.become("no");
    line.empty();
    expect(line.done).toEqual(["a"]);
  });
});
