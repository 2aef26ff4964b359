// The names of every channel between renderer and main, as plain constants, so that the sandboxed preload can
// check a name without carrying the schemas. What each one takes and answers is in ipc-contract.ts, which the
// compiler keeps in step with these lists.

export const invokeNames = [
  "app:state",
  "app:menu",
  "app:flushed",
  "app:open-data-folder",
  "account:sign-in",
  "account:register",
  "account:anonymous",
  "account:sign-out",
  "notes:all",
  "notes:read",
  "notes:create",
  "notes:edit",
  "notes:rename",
  "notes:move",
  "notes:indent",
  "notes:outdent",
  "notes:trash",
  "notes:restore",
  "notes:undo",
  "notes:redo",
  "notes:search",
  "notes:import-folder",
  "notes:export",
  "sync:work-offline",
  "reset:restart",
  "reset:later",
  "reset:try-again",
  "reset:read-only",
  "reset:accept-plan",
  "reset:copy-details",
  "settings:read",
  "settings:choose-strategy",
  "audit:answer",
  "reports:list",
  "reports:read",
  "reports:confirm",
  "reports:save",
  "reports:resolve",
  "reports:undo-all",
] as const;
export type InvokeName = (typeof invokeNames)[number];

export const eventNames = ["app:state", "notes:changed", "notes:text", "command"] as const;
export type EventName = (typeof eventNames)[number];
