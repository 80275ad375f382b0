// Whether this browser can draw the map at all, and whether it draws without a graphics card.
(() => {
  'use strict';

  let supported;

  /** Looks once; notes in cityhexMap.software whether every frame is drawn by the processor. */
  function webgl2() {
    if (supported === undefined) {
      const context = document.createElement('canvas').getContext('webgl2');
      supported = Boolean(context);
      const info = context && context.getExtension('WEBGL_debug_renderer_info');
      const renderer = info ? String(context.getParameter(info.UNMASKED_RENDERER_WEBGL)) : '';
      window.cityhexMap.software = /swiftshader|llvmpipe|software|basic render/i.test(renderer);
      if (context) context.getExtension('WEBGL_lose_context')?.loseContext();
    }
    return supported;
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.webgl2 = webgl2;
})();
