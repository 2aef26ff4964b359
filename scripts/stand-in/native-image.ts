/** As much of `nativeImage` as a captured page needs: a PNG and its size. */
import { refuseUnknown } from "./not-implemented";

export interface NativeImage {
  isEmpty(): boolean;
  toPNG(): Buffer;
  toDataURL(): string;
  getSize(): { width: number; height: number };
}

const pngWidthAt = 16;
const pngHeightAt = 20;

export function imageFromPng(png: Buffer): NativeImage {
  return refuseUnknown<NativeImage>("NativeImage", {
    isEmpty: () => png.length === 0,
    toPNG: () => png,
    toDataURL: () => `data:image/png;base64,${png.toString("base64")}`,
    getSize: () => ({ width: png.readUInt32BE(pngWidthAt), height: png.readUInt32BE(pngHeightAt) }),
  });
}
