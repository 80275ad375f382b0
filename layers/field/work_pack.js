'use strict';
/* The offline work pack: shows the tasks of the file, keeps what is entered on this device, gives it out as one file. */
(function () {
  const pack = JSON.parse(document.getElementById('pack').textContent);
  const key = 'cityhex-pack-' + pack.pack_id;
  const find = function (id) { return document.getElementById(id); };
  let lang = pack.lang;
  let kept = load();

  function load() {
    try { return JSON.parse(window.localStorage.getItem(key)) || {}; } catch (e) { return {}; }
  }
  function keep() {
    try { window.localStorage.setItem(key, JSON.stringify(kept)); } catch (e) { find('warn').hidden = false; }
  }
  function say(name, values) {
    const said = pack.words[lang][name] || name;
    return said.replace(/\{(\w+)\}/g, function (all, k) { return values && k in values ? values[k] : all; });
  }
  function pick(words) { return words[lang] || words['zh-Hans'] || ''; }
  function el(name, attrs) {
    const node = document.createElement(name);
    Object.keys(attrs || {}).forEach(function (k) {
      if (k === 'text') node.textContent = attrs[k]; else node.setAttribute(k, attrs[k]);
    });
    for (let i = 2; i < arguments.length; i += 1) if (arguments[i]) node.append(arguments[i]);
    return node;
  }
  function entry(task) {
    const id = String(task.task_id);
    kept[id] = kept[id] || {answers: {}, severities: {}, result: '', follow_up: '', follow_up_due: '', note: '', done_on: pack.as_of};
    return kept[id];
  }
  function missing(task, e) {
    if (task.questions.some(function (q) { return !e.answers[q.code]; })) return 'answers';
    if (!e.result) return 'result';
    if (!e.follow_up) return 'follow_up';
    if (!e.done_on) return 'done_on';
    if (e.follow_up !== 'none' && !e.follow_up_due) return 'follow_up_due';
    return '';
  }
  function touched(e) {
    return Boolean(Object.keys(e.answers).length || e.result || e.follow_up || e.note);
  }

  function choice(title, name, values, current, set) {
    const box = el('div', {class: 'choice'});
    values.forEach(function (pair) {
      const input = el('input', {type: 'radio', name: name, value: pair[0]});
      input.checked = current === pair[0];
      input.addEventListener('change', function () { set(pair[0]); });
      box.append(el('label', {}, input, el('span', {text: pair[1]})));
    });
    return el('fieldset', {}, el('legend', {text: title}), box);
  }
  function words(prefix, names) { return names.map(function (n) { return [n, say(prefix + n)]; }); }

  function question(task, q, number, e, changed) {
    const name = 'q-' + task.task_id + '-' + q.code;
    const grade = choice(say('severity'), name + '-s', words('severity_', ['low', 'moderate', 'high']), e.severities[q.code] || 'moderate',
      function (value) { e.severities[q.code] = value; changed(); });
    grade.hidden = e.answers[q.code] !== 'fault';
    const asked = choice(number + '. ' + pick(q.text), name, words('answer_', ['ok', 'fault', 'not_applicable']), e.answers[q.code],
      function (value) {
        e.answers[q.code] = value;
        if (value === 'fault') e.severities[q.code] = e.severities[q.code] || 'moderate'; else delete e.severities[q.code];
        grade.hidden = value !== 'fault';
        changed();
      });
    return el('div', {}, asked, grade);
  }

  function field(title, input, change) {
    input.addEventListener('input', function () { change(input.value); });
    return el('label', {}, title, input);
  }

  function task(t) {
    const e = entry(t);
    const state = el('span', {class: 'state'});
    const note = el('textarea', {name: 'note-' + t.task_id});
    const day = el('input', {type: 'date', name: 'done-' + t.task_id, value: e.done_on});
    const due = el('input', {type: 'date', name: 'due-' + t.task_id, value: e.follow_up_due});
    note.value = e.note;
    const later = field(say('follow_up_due'), due, function (v) { e.follow_up_due = v; changed(); });
    function changed() {
      const gap = missing(t, e);
      state.textContent = !touched(e) ? say('state_open') : gap ? say('state_missing', {what: say('part_' + gap)}) : say('state_done');
      state.classList.toggle('done', touched(e) && !gap);
      later.hidden = e.follow_up === 'none' || !e.follow_up;
      keep();
      count();
    }
    const box = el('section', {class: 'task', 'data-task': t.task_id},
      el('h3', {}, t.item_code + ' ' + pick(t.item), state),
      el('p', {class: 'cap', text: say('basis', {basis: pick(t.legal_basis)})}));
    t.questions.forEach(function (q, n) { box.append(question(t, q, n + 1, e, changed)); });
    box.append(
      choice(say('result'), 'r-' + t.task_id, words('result_', t.results), e.result, function (v) { e.result = v; changed(); }),
      choice(say('follow_up'), 'f-' + t.task_id, words('follow_', ['none', 'rectify', 'reinspect', 'penalty', 'list']), e.follow_up,
        function (v) { e.follow_up = v; if (v === 'none') { e.follow_up_due = ''; due.value = ''; } changed(); }),
      el('div', {class: 'row'}, field(say('done_on'), day, function (v) { e.done_on = v; changed(); }), later));
    const noted = field(say('note'), note, function (v) { e.note = v; changed(); });
    noted.className = 'wide';
    box.append(noted);
    changed();
    return box;
  }

  function visit(group, number) {
    const first = group[0];
    const when = first.begin ? say('begin', {time: first.begin}) + ' · ' : '';
    const text = el('div', {}, el('h2', {text: first.name}), el('p', {class: 'cap', text: first.subject_id}),
      el('p', {class: 'cap', text: first.address}),
      el('p', {class: 'cap', text: when + say('due', {day: first.due_on}) + ' · ' + first.officers.join(', ')}));
    const box = el('article', {class: 'visit'}, el('div', {class: 'top'}, el('span', {class: 'no', text: String(first.order || number)}), text));
    group.forEach(function (t) { box.append(task(t)); });
    return box;
  }

  function done() {
    return pack.tasks.filter(function (t) { const e = entry(t); return touched(e) && !missing(t, e); });
  }
  function begun() {
    return pack.tasks.filter(function (t) { return touched(entry(t)); });
  }
  function count() {
    const n = done().length;
    find('count').textContent = say('count', {n: n, all: pack.tasks.length, open: begun().length - n});
    find('save').disabled = n === 0;
  }
  function results() {
    return {
      format: 'cityhex-pack-results/1', pack_id: pack.pack_id, saved_at: new Date().toISOString(),
      results: done().map(function (t) {
        const e = entry(t);
        return {
          task_id: t.task_id, revision: t.revision, done_on: e.done_on, result: e.result, follow_up: e.follow_up,
          follow_up_due: e.follow_up_due || null, note: e.note || null,
          answers: t.questions.map(function (q) {
            return {code: q.code, answer: e.answers[q.code], severity: e.severities[q.code] || null};
          }),
        };
      }),
    };
  }
  function save() {
    const link = el('a', {download: 'results-' + pack.pack_id + '.json'});
    link.href = URL.createObjectURL(new Blob([JSON.stringify(results(), null, 1)], {type: 'application/json'}));
    document.body.append(link);
    link.click();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); link.remove(); }, 1000);
  }

  function draw() {
    document.documentElement.lang = lang === 'en' ? 'en' : 'zh-CN';
    document.title = say('title');
    find('title').textContent = say('title');
    find('about').textContent = say('about', {actor: pack.actor, time: pack.made_at, as_of: pack.as_of, rules: pack.rule_version, id: pack.pack_id});
    find('warn').textContent = say('not_kept');
    find('lang').textContent = say('other_language');
    find('save').textContent = say('save');
    const groups = {};
    pack.tasks.forEach(function (t) { (groups[t.subject_id] = groups[t.subject_id] || []).push(t); });
    find('visits').replaceChildren.apply(find('visits'), Object.keys(groups).map(function (id, n) { return visit(groups[id], n + 1); }));
    count();
  }

  find('lang').addEventListener('click', function () { lang = lang === 'en' ? 'zh-Hans' : 'en'; draw(); });
  find('save').addEventListener('click', save);
  draw();
})();
