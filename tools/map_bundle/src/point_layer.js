// Up to a million marks: a position and a class each, one vertex, drawn as a signed distance in the fragment shader.
// Classes differ by shape as well as by colour; a later mark covers an earlier one.
import {CLASSIFY, PULL, PulledLayer} from './pulled_layer.js';
import {ROW, texture} from './textures.js';
import {classUniforms} from './uniforms.js';

const VS = `#version 300 es
#define SHADER_NAME cityhex-point-vertex
uniform highp sampler2D positionTex;
uniform highp usampler2D classTex;
flat out vec4 vColour;
flat out int vShape;
${PULL}
${CLASSIFY}
void main(void) {
  pull();
  vColour = vec4(0.);
  vShape = 0;
  gl_PointSize = 0.;
  if (float(element) >= cx.count) { gl_Position = OFF_SCREEN; return; }
  uint kind = texelFetch(classTex, ivec2(column, row), 0).x;
  if (kind == 255u) { gl_Position = OFF_SCREEN; return; }
  vec2 p = texelFetch(positionTex, ivec2(column, row), 0).xy;
  vColour = classColour(float(kind));
  vec4 shapes = kind < 4u ? cx.shapes0 : cx.shapes1;
  uint i = kind & 3u;
  vShape = int(i == 0u ? shapes.x : i == 1u ? shapes.y : i == 2u ? shapes.z : shapes.w);
  gl_Position = project_common_position_to_clipspace(vec4(p + cx.offset, 0., 1.));
  gl_PointSize = cx.cellPx;
}`;

const FS = `#version 300 es
#define SHADER_NAME cityhex-point-fragment
precision highp float;
flat in vec4 vColour;
flat in int vShape;
out vec4 fragColor;
float distanceTo(int shape, vec2 q) {
  if (shape == 1) return max(abs(q.x), abs(q.y)) - .78;
  if (shape == 2) return max(-q.y * .5 + abs(q.x) * .8660254, q.y) - .56;
  if (shape == 3) return (abs(q.x) + abs(q.y)) * .70710678 - .68;
  return length(q) - .84;
}
void main(void) {
  vec2 q = gl_PointCoord * 2. - 1.;
  float unit = 2. / cx.cellPx;
  if (cx.cellPx < 4. * cx.pixel) { fragColor = vec4(vColour.rgb, vColour.a * cx.opacity); return; }
  float ring = min(1.5 * cx.pixel * unit, .3);
  float d = distanceTo(vShape, q);
  float inside = 1. - smoothstep(-unit, 0., d + ring);
  float mark = 1. - smoothstep(-unit, 0., d);
  if (mark <= 0.) discard;
  fragColor = vec4(mix(cx.halo.rgb, vColour.rgb, inside), mark * vColour.a * cx.opacity);
}`;

const OVER = {depthCompare: 'always', depthWriteEnabled: false};

export class PointLayer extends PulledLayer {
  initializeState() {
    this.state.model = this.makeModel('', 'point-list', {vs: VS, fs: FS}, OVER);
  }

  getModels() {
    return this.state.model ? [this.state.model] : [];
  }

  updateState({props, oldProps}) {
    const {device} = this.context;
    const {state} = this;
    if (props.positions !== oldProps.positions) {
      this.destroyAll(['positionTexture', 'classTexture']);
      state.positionTexture = texture(device, 'rg32float', props.positions, 2);
      state.classTexture = texture(device, 'r8uint', props.classes);
      state.rowList = null;
      state.model.setBindings({positionTex: state.positionTexture, classTex: state.classTexture});
    }
    this.setNeedsRedraw();
  }

  draw() {
    const {props} = this;
    const {model} = this.state;
    const rows = this.visibleRows([model]);
    if (!rows) return;
    const pixel = this.pixel();
    const shapes = [...props.shapes, 0, 0, 0, 0, 0, 0, 0, 0];
    model.shaderInputs.setProps({cx: {
      ...classUniforms(props.colours, props.colours.slice(1).map((_, i) => i + 1)),
      halo: props.halo, shapes0: shapes.slice(0, 4), shapes1: shapes.slice(4, 8),
      offset: this.offset(), opacity: props.opacity, cellPx: props.size * pixel, pixel, vertices: 1, count: props.count,
    }});
    model.setVertexCount(rows * ROW);
    model.draw(this.context.renderPass);
  }

  finalizeState(context) {
    super.finalizeState(context);
    this.destroyAll(['positionTexture', 'classTexture', 'rowTexture', 'model']);
  }
}

PointLayer.layerName = 'PointLayer';
PointLayer.defaultProps = {
  classes: {type: 'object', value: null, compare: false},    // Uint8Array in whole rows; 255 = hidden
  shapes: {type: 'array', value: []},                        // 0 circle, 1 square, 2 triangle, 3 diamond
  halo: {type: 'array', value: [1, 1, 1, 1]},
  size: 9,                                                   // CSS px
};
