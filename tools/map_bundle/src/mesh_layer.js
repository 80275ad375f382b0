// Polygons filled by the value of their feature: triangles made once in the browser, codes by feature.
import {CLASSIFY, LOOK, PULL, PulledLayer} from './pulled_layer.js';
import {ROW, texture, valueTexture} from './textures.js';
import {classUniforms} from './uniforms.js';

const VS = `#version 300 es
#define SHADER_NAME cityhex-mesh-vertex
uniform highp sampler2D positionTex;
uniform highp usampler2D featureTex;
uniform highp usampler2D valueTex;
flat out vec4 vColour;
flat out int vState;
${PULL}
${CLASSIFY}
void main(void) {
  pull();
  vColour = vec4(0.);
  vState = 0;
  if (float(element) >= cx.count) { gl_Position = OFF_SCREEN; return; }
  vec2 p = texelFetch(positionTex, ivec2(column * 3 + corner, row), 0).xy;
  int feature = int(texelFetch(featureTex, ivec2(column, row), 0).x);
  uint code = texelFetch(valueTex, ivec2(feature & ${ROW - 1}, feature / ${ROW}), 0).x;
  vState = stateOf(code);
  vColour = classColour(float(code & 32767u));
  gl_Position = project_common_position_to_clipspace(vec4(p + cx.offset, 0., 1.));
}`;

const FS = `#version 300 es
#define SHADER_NAME cityhex-mesh-fragment
precision highp float;
flat in vec4 vColour;
flat in int vState;
out vec4 fragColor;
${LOOK}
void main(void) { fragColor = look(vColour, vState, 0.); }`;

export class MeshLayer extends PulledLayer {
  initializeState() {
    this.state.model = this.makeModel('', 'triangle-list', {vs: VS, fs: FS});
  }

  getModels() {
    return this.state.model ? [this.state.model] : [];
  }

  updateState({props, oldProps}) {
    const {device} = this.context;
    const {state} = this;
    if (props.positions !== oldProps.positions) {
      this.destroyAll(['positionTexture', 'featureTexture']);
      state.positionTexture = texture(device, 'rg32float', props.positions, 2, 3 * ROW);
      state.featureTexture = texture(device, 'r32uint', props.features);
      state.rowList = null;
      state.model.setBindings({positionTex: state.positionTexture, featureTex: state.featureTexture});
    }
    if (props.codes !== oldProps.codes) {
      state.model.setBindings({valueTex: valueTexture(device, props.codes, new Set([props.codes]))});
    }
    this.setNeedsRedraw();
  }

  draw() {
    const {props} = this;
    const {model} = this.state;
    const rows = this.visibleRows([model]);
    if (!rows) return;
    model.shaderInputs.setProps({cx: {
      ...classUniforms(props.colours, props.classBounds),
      suppressed: props.suppressed, hatch: props.hatch, nodata: props.nodata, nodataLine: props.nodata,
      offset: this.offset(), opacity: props.opacity, estimated: props.estimated,
      pixel: this.pixel(), vertices: 3, count: props.count,
    }});
    model.setVertexCount(rows * ROW * 3);
    model.draw(this.context.renderPass);
  }

  finalizeState(context) {
    super.finalizeState(context);
    this.destroyAll(['positionTexture', 'featureTexture', 'rowTexture', 'model']);
  }
}

MeshLayer.layerName = 'MeshLayer';
MeshLayer.defaultProps = {
  features: {type: 'object', value: null, compare: false},   // Uint32Array, feature of every triangle, whole rows
  codes: {type: 'object', value: null, compare: false},      // Uint16Array by feature, whole rows
  classBounds: {type: 'array', value: []},
  suppressed: {type: 'array', value: [.5, .5, .5, 1]},
  hatch: {type: 'array', value: [.3, .3, .3, 1]},
  nodata: {type: 'array', value: [.9, .9, .9, 1]},
  estimated: .5,
};
