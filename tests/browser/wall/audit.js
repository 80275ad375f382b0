() => {
  const W = innerWidth, H = innerHeight, u = window.__wall.stage.u, faults = [];
  const rgb = (s) => (s.match(/[\d.]+/g) || []).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)).reduce((a, v, i) => a + v * [.2126, .7152, .0722][i], 0);
  const ratio = (a, b) => { const [x, y] = [lum(a), lum(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const style = getComputedStyle(document.documentElement), hex = (name) => style.getPropertyValue(name).trim();
  const fromHex = (h) => [1, 3, 5].map((i) => parseInt(h.slice(i, i + 2), 16));
  const grounds = ['--m-outside', '--m-near'].map((name) => fromHex(hex(name)));
  const ground = (node) => {
    for (let n = node; n && n !== document.body; n = n.parentElement) {
      const c = rgb(getComputedStyle(n).backgroundColor);
      if (c.length === 3 || c[3] > .9) return [c.slice(0, 3)];
    }
    return grounds;
  };
  const text = [...document.querySelectorAll('.w-stage *')].filter((n) => [...n.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim()));
  let least = Infinity, contrast = Infinity, numbers = 0;
  for (const node of text) {
    const box = node.getBoundingClientRect(), look = getComputedStyle(node), words = node.textContent.trim().slice(0, 30);
    if (!box.width || look.visibility === 'hidden' || look.display === 'none') continue;
    const plot = node.ownerSVGElement, scale = plot ? plot.getBoundingClientRect().width / plot.viewBox.baseVal.width : 1;
    const px = parseFloat(look.fontSize) * scale, colour = rgb(plot ? look.fill : look.color);
    least = Math.min(least, px / u);
    if (px < 24 * u - .01) faults.push(`${words}: ${px} px is below ${24 * u}`);
    if (W >= 3840 && px < 24) faults.push(`${words}: ${px} px on a wall of ${W}`);
    for (const g of ground(node)) {
      contrast = Math.min(contrast, ratio(colour, g));
      if (ratio(colour, g) < 4.5) faults.push(`${words}: contrast ${ratio(colour, g).toFixed(2)}`);
    }
    if (box.left < -1 || box.top < -1 || box.right > W + 1 || box.bottom > H + 1) faults.push(`${words}: beyond the screen ${JSON.stringify(box)}`);
    for (let n = node; n && !n.matches('.w-stage'); n = n.parentElement) {
      if (getComputedStyle(n).overflow !== 'hidden') continue;
      const outer = n.getBoundingClientRect();
      if (box.bottom > outer.bottom + 2 * u + 1 || box.right > outer.right + 2 * u + 1) faults.push(`${words}: clipped by ${n.className}`);
    }
    if (node.matches('.w-kpi .w-value')) numbers += 1;
  }
  for (const column of document.querySelectorAll('.w-col')) if (column.scrollHeight > column.clientHeight + 1) faults.push(`${column.className} overflows`);
  const parts = ['.w-name', '.w-status', '.w-left', '.w-right', '.w-legend', '.w-foot', '.w-headlines p'].map((q) => [q, document.querySelector(`${q}:not(.w-leaving)`)]);
  const boxes = parts.filter(([, n]) => n && n.getBoundingClientRect().width).map(([q, n]) => [q, content(n)]);
  function content(n) {
    const inner = [...n.children].map((c) => c.getBoundingClientRect()).filter((b) => b.width && b.height), own = n.getBoundingClientRect();
    if (!inner.length) return own;
    const side = (key, f) => f(...inner.map((b) => b[key]));
    return {left: side('left', Math.min), right: side('right', Math.max), top: side('top', Math.min), bottom: side('bottom', Math.max)};
  }
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
    const [[p, a], [q, b]] = [boxes[i], boxes[j]];
    if (a.left < b.right - 1 && a.right > b.left + 1 && a.top < b.bottom - 1 && a.bottom > b.top + 1) faults.push(`${p} lies over ${q}`);
  }
  const root = document.documentElement;
  if (root.scrollHeight > H || root.scrollWidth > W) faults.push('scroll bars');
  const labels = window.__map.labels.map((l) => l.text);
  return {faults, least, contrast, numbers, labels, text: document.querySelector('.w-stage').innerText};
}
