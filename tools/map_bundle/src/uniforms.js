// One uniform block for the three layers: up to nine classes with their lower bounds, so that a new legend uploads nothing,
// and the looks of the states. luma's parser of uniform blocks wants one field per line and knows no arrays.
export const CLASSES = 9;

const numbered = (name, n) => [...Array(n).keys()].map((i) => ['vec4', name + i]);
const FIELDS = [
  ...numbered('colour', CLASSES), // rgba of the classes
  ...numbered('bound', 2),        // lower bounds of class 1..8, in codes
  ...numbered('shape', 9),        // outline model of a hex: 6 corners x (x: a b c, y: a b c)
  ['vec4', 'suppressed'],
  ['vec4', 'hatch'],
  ['vec4', 'nodata'],
  ['vec4', 'nodataLine'],
  ['vec4', 'halo'],
  ['vec4', 'shapes0'],            // mark shape of point classes 0..3, 4..7
  ['vec4', 'shapes1'],
  ['vec2', 'offset'],             // origin of the positions, relative to deck's own when that moves with the view
  ['float', 'opacity'],
  ['float', 'estimated'],         // share of the opacity an estimated value keeps
  ['float', 'grow'],              // size of a hex relative to its true outline
  ['float', 'cellPx'],            // width of a hex or mark in device pixels
  ['float', 'pixel'],             // device pixels per CSS pixel
  ['float', 'vertices'],          // vertices per element: 12, 3 or 1
  ['float', 'count'],             // elements there are
];
const TYPES = {vec4: 'vec4<f32>', vec2: 'vec2<f32>', float: 'f32'};
const block = `layout(std140) uniform cxUniforms {\n${FIELDS.map(([t, n]) => `  ${t} ${n};`).join('\n')}\n} cx;\n`;

export const uniforms = {
  name: 'cx',
  vs: block,
  fs: block,
  uniformTypes: Object.fromEntries(FIELDS.map(([t, n]) => [n, TYPES[t]])),
};

const NEVER = 65536; // above every code

/** Colours and bounds padded to their fixed number. */
export function classUniforms(colours, bounds) {
  const out = {};
  for (let i = 0; i < CLASSES; i++) out['colour' + i] = colours[Math.min(i, colours.length - 1)];
  const padded = [...bounds, ...Array(8).fill(NEVER)].slice(0, 8);
  out.bound0 = padded.slice(0, 4);
  out.bound1 = padded.slice(4);
  return out;
}
