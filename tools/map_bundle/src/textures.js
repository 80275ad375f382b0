// Typed arrays as textures, ROW texels to the row. Value textures are kept by the array they came from, so that going back
// to a period binds a texture that is already on the card; the oldest go when the cache holds more than LIMIT bytes.
export const ROW = 256;
const LIMIT = 64 * 1024 * 1024;
const NEAREST = {minFilter: 'nearest', magFilter: 'nearest', addressModeU: 'clamp-to-edge', addressModeV: 'clamp-to-edge'};

/** A texture of `width` texels to the row; `data` must fill whole rows. */
export function texture(device, format, data, components = 1, width = ROW) {
  const height = Math.max(1, data.length / components / width);
  return device.createTexture({format, width, height, data, sampler: NEAREST, mipLevels: 1});
}

const caches = new WeakMap(); // device -> Map(Uint16Array -> texture), oldest use first

/** The r16uint texture of `codes`; `inUse` holds the arrays that must not be dropped. */
export function valueTexture(device, codes, inUse) {
  if (!caches.has(device)) caches.set(device, new Map());
  const cache = caches.get(device);
  const found = cache.get(codes) || texture(device, 'r16uint', codes);
  cache.delete(codes);
  cache.set(codes, found);
  let bytes = 0;
  for (const array of cache.keys()) bytes += array.byteLength;
  for (const [array, old] of cache) {
    if (bytes <= LIMIT) break;
    if (array === codes || inUse.has(array)) continue;
    bytes -= array.byteLength;
    old.destroy();
    cache.delete(array);
  }
  return found;
}
