// The base of the three layers: nothing is an attribute, every vertex pulls what it needs from textures by gl_VertexID.
// Elements lie in rows of 256; a row whose box is off the screen is left out, so a million cells cost what is in view.
import {Layer, project} from '@deck.gl/core';
import {Model} from '@luma.gl/engine';

import {ROW, texture} from './textures.js';
import {uniforms} from './uniforms.js';

/** GLSL: which element and which of its vertices this is. Rows in view are listed in `rowTex`. */
export const PULL = `
uniform highp usampler2D rowTex;
int element; int corner; int column; int row;
void pull() {
  int perElement = int(cx.vertices);
  int perRow = ${ROW} * perElement;
  int slot = gl_VertexID / perRow;
  int rest = gl_VertexID - slot * perRow;
  column = rest / perElement;
  corner = rest - column * perElement;
  row = int(texelFetch(rowTex, ivec2(slot & ${ROW - 1}, slot / ${ROW}), 0).x);
  element = row * ${ROW} + column;
}
const vec4 OFF_SCREEN = vec4(2., 2., 2., 1.);
`;

/** GLSL: class and state of a code of the wire format. */
export const CLASSIFY = `
vec4 classColour(float x) {
  vec4 c = cx.colour0;
  if (x >= cx.bound0.x) c = cx.colour1;
  if (x >= cx.bound0.y) c = cx.colour2;
  if (x >= cx.bound0.z) c = cx.colour3;
  if (x >= cx.bound0.w) c = cx.colour4;
  if (x >= cx.bound1.x) c = cx.colour5;
  if (x >= cx.bound1.y) c = cx.colour6;
  if (x >= cx.bound1.z) c = cx.colour7;
  if (x >= cx.bound1.w) c = cx.colour8;
  return c;
}
int stateOf(uint code) { return code == 65535u ? 2 : code == 65534u ? 1 : (code & 32768u) != 0u ? 3 : 0; }
`;

/** GLSL, fragment: the four looks. Hatch: 45 degrees in screen space, 1.2 px every 6 px. */
export const LOOK = `
vec4 look(vec4 colour, int state, float outline) {
  if (state == 2) return vec4(mix(cx.nodata.rgb, cx.nodataLine.rgb, outline), cx.nodata.a);
  if (state == 1) {
    float pitch = 6. * cx.pixel;
    float d = abs(mod((gl_FragCoord.x + gl_FragCoord.y) * .70710678, pitch) - pitch * .5);
    float line = 1. - smoothstep(.6 * cx.pixel - .5, .6 * cx.pixel + .5, d);
    return vec4(mix(cx.suppressed.rgb, cx.hatch.rgb, line), cx.suppressed.a);
  }
  return vec4(colour.rgb, colour.a * cx.opacity * (state == 3 ? cx.estimated : 1.));
}
`;

const GROW = {parameters: {depthCompare: 'less', depthWriteEnabled: true}}; // overlaps are painted once: no seams

export class PulledLayer extends Layer {
  /** Makes one luma Model; subclasses call it with their shaders and topology. */
  makeModel(suffix, topology, shaders, parameters = GROW.parameters) {
    return new Model(this.context.device, {
      ...super.getShaders({...shaders, modules: [project, uniforms]}),
      id: this.props.id + suffix, topology, vertexCount: 0, isInstanced: false, disableWarnings: true, parameters,
    });
  }

  /** Box of every row in view, as the list texture; returns how many rows are to be drawn. */
  visibleRows(models) {
    const {bounds, origin} = this.props;
    const {viewport, device} = this.context;
    const [w, s, e, n] = viewBox(viewport);
    const rows = [];
    for (let i = 0; i < bounds.length; i += 4) {
      if (bounds[i] + origin[0] <= e && bounds[i + 2] + origin[0] >= w &&
          bounds[i + 1] + origin[1] <= n && bounds[i + 3] + origin[1] >= s) rows.push(i / 4);
    }
    const {rowList} = this.state;
    if (!rowList || rowList.length !== rows.length || rows.some((r, i) => r !== rowList[i])) {
      const padded = new Uint32Array(Math.max(1, Math.ceil(rows.length / ROW)) * ROW);
      padded.set(rows);
      this.state.rowTexture?.destroy();
      this.state.rowTexture = texture(device, 'r32uint', padded);
      this.state.rowList = rows;
    }
    for (const model of models) model.setBindings({rowTex: this.state.rowTexture});
    this.state.shown = rows.length * ROW;
    return rows.length;
  }

  /** Positions are relative to `origin`; from zoom 12 on deck measures from the centre of the view, for precision. */
  offset() {
    const {origin} = this.props;
    const {viewport} = this.context;
    if (viewport.zoom < 12) return origin;
    const c = viewport.projectPosition([Math.fround(viewport.longitude), Math.fround(viewport.latitude), 0]);
    return [origin[0] - c[0], origin[1] - c[1]];
  }

  pixel() {
    return this.context.device.getDefaultCanvasContext().cssToDeviceRatio();
  }

  destroyAll(names) {
    for (const name of names) this.state[name]?.destroy();
  }
}

/** The view in Web Mercator units of deck (512 to the world), as a box. */
function viewBox(viewport) {
  const xs = [], ys = [];
  for (const p of [[0, 0], [viewport.width, 0], [0, viewport.height], [viewport.width, viewport.height]]) {
    const [x, y] = viewport.projectFlat(viewport.unproject(p));
    xs.push(x);
    ys.push(y);
  }
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

PulledLayer.layerName = 'PulledLayer';
PulledLayer.defaultProps = {
  positions: {type: 'object', value: null, compare: false},  // Float32Array, x y of every element relative to origin
  bounds: {type: 'object', value: null, compare: false},     // Float32Array, 4 per row of 256 elements
  origin: {type: 'array', value: [0, 0]},
  count: 0,
  colours: {type: 'array', value: [[0, 0, 0, 1]]},           // rgba 0..1
};
