// Hexes of one H3 resolution: a centre and a code each, twelve vertices, no index, no attribute.
import {CLASSIFY, LOOK, PULL, PulledLayer} from './pulled_layer.js';
import {texture, valueTexture} from './textures.js';
import {classUniforms} from './uniforms.js';

const VS = `#version 300 es
#define SHADER_NAME cityhex-hex-vertex
uniform highp sampler2D positionTex;
uniform highp usampler2D valueTex;
flat out vec4 vColour;
flat out int vState;
out vec2 vCanonical;
${PULL}
${CLASSIFY}
const int CORNER[12] = int[12](0, 1, 2, 0, 2, 3, 0, 3, 4, 0, 4, 5);
vec2 cornerOf(int k, vec2 p) {
  vec3 d = vec3(1., p);
  vec3 x; vec3 y;
  if (k == 0) { x = cx.shape0.xyz; y = vec3(cx.shape0.w, cx.shape1.xy); }
  else if (k == 1) { x = vec3(cx.shape1.zw, cx.shape2.x); y = cx.shape2.yzw; }
  else if (k == 2) { x = cx.shape3.xyz; y = vec3(cx.shape3.w, cx.shape4.xy); }
  else if (k == 3) { x = vec3(cx.shape4.zw, cx.shape5.x); y = cx.shape5.yzw; }
  else if (k == 4) { x = cx.shape6.xyz; y = vec3(cx.shape6.w, cx.shape7.xy); }
  else { x = vec3(cx.shape7.zw, cx.shape8.x); y = cx.shape8.yzw; }
  return vec2(dot(x, d), dot(y, d));
}
void main(void) {
  pull();
  vCanonical = vec2(0.);
  vColour = vec4(0.);
  vState = 0;
  if (float(element) >= cx.count) { gl_Position = OFF_SCREEN; gl_PointSize = 0.; return; }
  vec2 p = texelFetch(positionTex, ivec2(column, row), 0).xy;
  uint code = texelFetch(valueTex, ivec2(column, row), 0).x;
  vState = stateOf(code);
  vColour = classColour(float(code & 32767u));
  if (cx.vertices > 1.5) {
    int k = CORNER[corner];
    float angle = float(k) * 1.04719755;
    vCanonical = vec2(cos(angle), sin(angle));
    gl_Position = project_common_position_to_clipspace(vec4(p + cx.offset + cornerOf(k, p) * cx.grow, 0., 1.));
  } else {
    gl_Position = project_common_position_to_clipspace(vec4(p + cx.offset, 0., 1.));
    gl_PointSize = max(1., ceil(cx.cellPx));
  }
}`;

const FS = `#version 300 es
#define SHADER_NAME cityhex-hex-fragment
precision highp float;
flat in vec4 vColour;
flat in int vState;
in vec2 vCanonical;
out vec4 fragColor;
${LOOK}
float outlineOf(vec2 q) {
  if (cx.cellPx < 16. * cx.pixel) return 0.;
  float h = max(abs(dot(q, vec2(.8660254, .5))), max(abs(q.y), abs(dot(q, vec2(.8660254, -.5)))));
  float w = 2. * cx.pixel / cx.cellPx;
  return smoothstep(.8660254 - 1.5 * w, .8660254 - .5 * w, h);
}
void main(void) {
  fragColor = look(vColour, vState, vState == 2 ? outlineOf(vCanonical) : 0.);
}`;

const GROWTH = [[32, .935], [16, .955], [0, 1.02]]; // width on screen -> size: below 16 px a finer gap makes a moire
const TRIANGLES = 12;

export class HexLayer extends PulledLayer {
  initializeState() {
    this.state.triangles = this.makeModel('-triangles', 'triangle-list', {vs: VS, fs: FS});
    this.state.points = this.makeModel('-points', 'point-list', {vs: VS, fs: FS});
  }

  getModels() {
    return this.state.triangles ? [this.state.triangles, this.state.points] : [];
  }

  updateState({props, oldProps}) {
    const {device} = this.context;
    if (props.positions !== oldProps.positions) {
      this.state.positionTexture?.destroy();
      this.state.positionTexture = texture(device, 'rg32float', props.positions, 2);
      this.state.rowList = null;
      for (const model of this.getModels()) model.setBindings({positionTex: this.state.positionTexture});
    }
    if (props.codes !== oldProps.codes) {
      const valueTex = valueTexture(device, props.codes, new Set([props.codes]));
      for (const model of this.getModels()) model.setBindings({valueTex});
    }
    this.setNeedsRedraw();
  }

  /** Width of a cell, flat to flat, in CSS pixels at the present zoom. */
  cellPx() {
    const {shape} = this.props;
    return Math.sqrt(3) * Math.hypot(shape[0], shape[3]) * this.context.viewport.scale;
  }

  draw() {
    const {props} = this;
    const px = this.cellPx();
    const asPoints = px < props.pointsBelow;
    const model = asPoints ? this.state.points : this.state.triangles;
    const vertices = asPoints ? 1 : TRIANGLES;
    const rows = this.visibleRows([model]);
    if (!rows) return;
    const pixel = this.pixel();
    const shape = {};
    for (let i = 0; i < 9; i++) shape['shape' + i] = props.shape.slice(4 * i, 4 * i + 4);
    model.shaderInputs.setProps({cx: {
      ...classUniforms(props.colours, props.classBounds), ...shape,
      suppressed: props.suppressed, hatch: props.hatch, nodata: props.nodata, nodataLine: props.nodataLine,
      offset: this.offset(), opacity: props.opacity, estimated: props.estimated,
      grow: GROWTH.find(([from]) => px >= from)[1], cellPx: px * pixel, pixel, vertices, count: props.count,
    }});
    model.setVertexCount(rows * 256 * vertices);
    model.draw(this.context.renderPass);
  }

  finalizeState(context) {
    super.finalizeState(context);
    this.destroyAll(['positionTexture', 'rowTexture', 'triangles', 'points']);
  }
}

HexLayer.layerName = 'HexLayer';
HexLayer.defaultProps = {
  codes: {type: 'object', value: null, compare: false},      // Uint16Array in whole rows
  shape: {type: 'object', value: null, compare: false},      // 36 numbers, outline model
  classBounds: {type: 'array', value: []},                       // lower bounds of class 1.., in codes
  suppressed: {type: 'array', value: [.5, .5, .5, 1]},
  hatch: {type: 'array', value: [.3, .3, .3, 1]},
  nodata: {type: 'array', value: [.9, .9, .9, 1]},
  nodataLine: {type: 'array', value: [.7, .7, .7, 1]},
  estimated: .5,
  pointsBelow: 3,
};
