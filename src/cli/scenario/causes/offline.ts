// The laptop stays away for longer than the server keeps its history; the phone, which was there, notices nothing.

import type { Cause } from "../cause";

export const offline: Cause = {
  title: "the laptop is offline for longer than the operator allows",
  expected: { codes: [222], cause: "offline-too-long" },
  resetsPhone: false,
  async strike({ server, say }) {
    const answer = await server.operate("set", "max-offline", "0.00000001", "--json");
    const { forgottenVersions } = JSON.parse(answer) as { forgottenVersions: number };
    if (forgottenVersions === 0) throw new Error("the server forgot nothing of its history");
    await server.operate("set", "max-offline", "90");
    say(`the operator had ${forgottenVersions} versions of the history forgotten`);
  },
};
