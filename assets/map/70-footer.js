// The foot of the map: scale bar, resolution, approval number, attribution. Drawn as HTML, and again into the exported picture.
(() => {
  'use strict';

  const STEPS_KM = [.02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 50, 100, 200, 500];
  const WIDEST = 110; // px

  /** Length and words of the longest round scale bar that fits. */
  function scaleBar(view, k) {
    const mpp = window.cityhexMap.lod.metresPerPixel(view.latitude, view.zoom);
    const km = STEPS_KM.filter((s) => s * 1000 / mpp <= WIDEST * k).pop() || STEPS_KM[0];
    return {px: km * 1000 / mpp, text: km < 1 ? `${Math.round(km * 1000)} m` : `${km} km`};
  }

  /** The words of the foot: what must be read whole, and whom the data come from. */
  function words(spec, res) {
    const texts = spec.texts || {};
    const level = res != null && texts.resolution ? texts.resolution[res] : '';
    const credit = (texts.attribution || []).join(' \u00b7 ');
    return {plain: [level, spec.approval].filter(Boolean).join('\u2003'), credit, all: (texts.attribution_all || []).join('\n') || credit};
  }

  class Footer {
    constructor(parent) {
      this.root = document.createElement('div');
      this.root.className = 'map-foot';
      Object.assign(this.root.style, {
        position: 'absolute', right: '0', bottom: '0', zIndex: 3, display: 'flex', gap: '14px', alignItems: 'flex-end', pointerEvents: 'none',
        fontVariantNumeric: 'tabular-nums', maxWidth: 'calc(100% - 24px)', boxSizing: 'border-box', whiteSpace: 'nowrap',
        padding: '3px 10px', borderTopLeftRadius: '4px',
      });
      this.bar = document.createElement('div');
      this.bar.style.cssText = 'flex:none;border-style:solid;border-width:0 1.5px 1.5px;height:6px;margin-bottom:4px;box-sizing:border-box';
      this.barText = document.createElement('span');
      this.barText.style.marginRight = '-8px';
      this.rest = document.createElement('span'); // resolution and approval number: always whole
      this.rest.style.flex = 'none';
      this.credit = document.createElement('span'); // attribution: a few short names, all of them when pointed at
      this.credit.style.cssText = 'min-width:0;white-space:normal;text-align:right;pointer-events:auto';
      this.root.append(this.barText, this.bar, this.rest, this.credit);
      parent.append(this.root);
    }

    update(spec, style, view, res) {
      const {k} = style, {px, text} = scaleBar(view, k);
      Object.assign(this.root.style, {
        font: `500 ${11 * k}px/${16 * k}px ${style.font}`, color: style['label-3'], background: window.cityhexMap.style.css(style.outside, .82),
      });
      Object.assign(this.bar.style, {width: `${px}px`, borderColor: style['label-3']});
      this.barText.textContent = text;
      const {plain, credit, all} = words(spec, res);
      if (this.rest.textContent !== plain) this.rest.textContent = plain;
      if (this.credit.textContent !== credit) this.credit.textContent = credit;
      if (this.credit.title !== all) this.credit.title = all;
      this.credit.style.display = credit ? '' : 'none';
    }
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.Footer = Footer;
  map.footer = {scaleBar, words};
})();
