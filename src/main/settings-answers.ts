// Answers the channels about the settings. A choice that cannot be saved is refused.

import type { Answer, SettingsShown } from "../shared/ipc-contract";
import { type Handlers, ok, refused } from "./handlers";
import type { Settings } from "./settings";

type SettingsChannel =
  | "settings:choose-reset-way"
  | "settings:choose-review-first"
  | "settings:choose-strategy"
  | "settings:read";

export function createSettingsAnswers(settings: Settings): Pick<Handlers, SettingsChannel> {
  function settingsShown(): SettingsShown {
    const { recoveryStrategy, isStrategyGiven, reviewFirst, resetWay, isResetWayGiven } = settings;
    return {
      recoveryStrategy: recoveryStrategy(),
      isStrategyGiven,
      reviewFirst: reviewFirst(),
      resetWay: resetWay(),
      isResetWayGiven,
    };
  }

  function choice(choose: () => void): Answer<SettingsShown> {
    try {
      choose();
      return ok(settingsShown());
    } catch (error) {
      return refused(`The choice could not be saved: ${(error as Error).message}`);
    }
  }

  return {
    "settings:choose-review-first": ({ reviewFirst }) =>
      choice(() => settings.chooseReviewFirst(reviewFirst)),
    "settings:choose-reset-way": ({ way }) => choice(() => settings.chooseResetWay(way)),
    "settings:read": () => ok(settingsShown()),
    "settings:choose-strategy": ({ strategy }) => choice(() => settings.chooseStrategy(strategy)),
  };
}
