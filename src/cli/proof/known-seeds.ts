// Seeds whose stories were broken once, by the app, the judge or the simulation, and are played ever after. What a seed
// means changes with the commands; then the story that was broken is not among them any more, and the seed one of many.

import type { WorldKind } from "./commands";

export const knownSeeds: Readonly<Partial<Record<WorldKind, readonly number[]>>> = {
  plain: [
    3082, 3715, 4303, 4447, 7546, 8000, 12089, 12226, 15581, 16613, 17261, 17826, 18071, 18650, 19046, 20134,
    20946, 26165, 30158, 30239, 32198, 32432, 33497, 33975, 34717, 41441, 43871, 45125, 48113, 48685, 50524,
    52369, 52875, 53249, 58547, 61989, 64376, 64563, 64684, 65301, 65587, 65662, 76747, 76784, 78044, 78580,
    78967, 79691, 83010, 83628, 85049, 88078, 92167, 93708, 95388, 111404, 120148, 126721, 127098, 204289,
    205963, 209258, 209951, 233694, 254035, 257552, 306673, 307460, 400920, 710628, 712073, 715001, 720255,
    800504, 800637, 801201, 960802, 3000614, 3102794,
  ],
  wide: [
    672, 1712, 6024, 6780, 30228, 30812, 50856, 51944, 77656, 87152, 89940, 208264, 213008, 870812, 934052,
    940820,
  ],
  many: [5761, 6721, 204289, 870017],
};
