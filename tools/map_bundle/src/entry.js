// What the map of Cityhex takes from deck.gl, and its own three layers. Everything is handed over as window.cityhexDeck;
// the plain scripts under assets/map/ do the rest, so that a maintainer can read and change the map without building this.
import {Deck, FlyToInterpolator, MapView, WebMercatorViewport} from '@deck.gl/core';
import {PathLayer, ScatterplotLayer, SolidPolygonLayer} from '@deck.gl/layers';
import {earcut} from '@math.gl/polygon';

import {HexLayer} from './hex_layer.js';
import {MeshLayer} from './mesh_layer.js';
import {PointLayer} from './point_layer.js';

window.cityhexDeck = {
  Deck, FlyToInterpolator, MapView, WebMercatorViewport,
  PathLayer, ScatterplotLayer, SolidPolygonLayer,
  HexLayer, MeshLayer, PointLayer,
  earcut,
};
