// The operator switches sync off and on again: the server keeps its notes and forgets its clients.

import type { Cause } from "../cause";

export const terminated: Cause = {
  title: "the operator terminates sync and enables it again",
  expected: { codes: [208], cause: "terminated" },
  resetsPhone: true,
  async strike({ server, say }) {
    await server.operate("terminate");
    await server.operate("enable");
    say("the operator terminated sync and enabled it again");
  },
};
