// Called by build.sh inside a folder with node_modules: bundles, strips inert addresses, collects licences, writes the files.
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {build} from 'esbuild';

const [source, out] = process.argv.slice(2);

const result = await build({
  entryPoints: [join(source, 'entry.js')], bundle: true, minify: true, format: 'iife', target: 'es2020', charset: 'ascii',
  legalComments: 'none', metafile: true, write: false, nodePaths: ['node_modules'], logLevel: 'warning',
});

// loaders.gl names a public package server for workers and parsers this map never loads, luma.gl cites articles in shader
// comments. Nothing asks for them; nothing in what a browser loads shall name another host, so they go.
const INERT = [[/https:\/\/unpkg\.com\/@loaders\.gl/g, 'not-served'], [/https:\/\/en\.wikipedia\.org\/wiki\//g, 'Wikipedia: ']];
let code = INERT.reduce((text, [from, to]) => text.replace(from, to), result.outputFiles[0].text);

const left = [...code.matchAll(/https?:\/\/[^\s"'`)]+/g)].map((m) => m[0]);
if (left.length) throw new Error(`addresses left in the bundle: ${left.join(', ')}`);
if (/\beval\(|new Function\(/.test(code)) throw new Error('the bundle makes code from text; the content security policy forbids it');

const packages = [...new Set(Object.keys(result.metafile.inputs)
  .map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean))].sort();
const described = packages.map((name) => {
  const folder = join('node_modules', name);
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licensed under ${about.license}; the package carries no licence file.`;
  return {name, version: about.version, license: about.license, text};
});

const banner = `/*! deck-map: ${described.filter((p) => /^@(deck|luma)\.gl/.test(p.name)).map((p) => `${p.name} ${p.version}`).join(', ')}; ` +
  `MIT and others, see THIRD_PARTY_LICENSES.txt. Built by tools/map_bundle. */\n`;
code = banner + code;
const sha = createHash('sha256').update(code).digest('hex');
const name = `deck-map.${sha.slice(0, 8)}.js`;

mkdirSync(out, {recursive: true});
if (!existsSync(out)) throw new Error(`cannot write to ${out}`);
writeFileSync(join(out, name), code);
writeFileSync(join(out, 'SHA256SUMS'), `${sha}  ${name}\n`);
const rule = '='.repeat(100);
writeFileSync(join(out, 'THIRD_PARTY_LICENSES.txt'),
  `What ${name} is made of. Each part keeps its own licence.\n\n` +
  described.map((p) => `${rule}\n${p.name} ${p.version} (${p.license})\n${rule}\n${p.text}\n`).join('\n').replace(/\r\n/g, '\n'));
console.log(`${name} ${code.length} bytes, ${described.length} packages`);
