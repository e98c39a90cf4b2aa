// Draws a QR code (ISO/IEC 18004, bytes, versions 1-10, correction M) as one SVG path. Ours, since
// a village's code and an evening's plan are known only in the browser; tests hold it to segno's.
/* exported drawQr */
/** @typedef {{size: number, cells: (number | null)[][], set(x: number, y: number, on: unknown): void}} QrFrame */
const drawQr = (() => {
  const EC = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26], BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5], BITS_M = 0;
  /** @type {number[]} */
  const EXP = [], /** @type {number[]} */ LOG = [];
  for (let i = 0, x = 1; i < 255; i++) { EXP[i] = x; LOG[x] = i; x = x << 1 ^ (x > 127 ? 0x11d : 0); }
  /** @type {(a: number, b: number) => number} */
  const times = (a, b) => a && b ? EXP[(LOG[a] + LOG[b]) % 255] : 0;

  /** @type {(v: number) => number[]} */
  const alignments = v => v === 1 ? [] : v < 7 ? [6, 4 * v + 10] : [6, 2 * v + 8, 4 * v + 10];

  /** @type {(v: number) => number} */
  const rawBits = v => {
    const many = alignments(v).length;
    return (16 * v + 128) * v + 64 - (many ? (25 * many - 10) * many - 55 : 0) - (v > 6 ? 36 : 0);
  };
  /** @type {(v: number) => number} */
  const words = v => (rawBits(v) >> 3) - EC[v - 1] * BLOCKS[v - 1];

  /** @type {(degree: number) => number[]} */
  const divisor = degree => {
    let poly = [1];
    for (let i = 0; i < degree; i++) {
      const next = poly.concat(0);
      poly.forEach((c, j) => { next[j + 1] ^= times(c, EXP[i]); });
      poly = next;
    }
    return poly.slice(1);
  };

  /** @type {(data: number[], by: number[]) => number[]} */
  const remainder = (data, by) => data.reduce((rest, byte) => {
    const factor = byte ^ rest[0];
    return rest.slice(1).concat(0).map((c, i) => c ^ times(by[i], factor));
  }, by.map(() => 0));

  /** @type {(bytes: number[], v: number) => number[]} */
  const codewords = (bytes, v) => {
    const room = words(v), /** @type {number[]} */ bits = [];
    /** @type {(value: number, length: number) => void} */
    const put = (value, length) => { for (let i = length - 1; i >= 0; i--) bits.push(value >> i & 1); };
    put(4, 4);
    put(bytes.length, v < 10 ? 8 : 16);
    bytes.forEach(byte => put(byte, 8));
    put(0, Math.min(4, room * 8 - bits.length));
    while (bits.length % 8) bits.push(0);
    for (let pad = 0xec; bits.length < room * 8; pad ^= 0xfd) put(pad, 8);
    /** @type {number[]} */
    const data = [];
    for (let i = 0; i < bits.length; i += 8) data.push(bits.slice(i, i + 8).reduce((sum, bit) => sum << 1 | bit, 0));
    return interleaved(data, v);
  };

  /** @type {(data: number[], v: number) => number[]} */
  const interleaved = (data, v) => {
    const count = BLOCKS[v - 1], short = Math.floor(data.length / count), longs = data.length % count;
    const by = divisor(EC[v - 1]), /** @type {number[][][]} */ blocks = [], /** @type {number[]} */ out = [];
    for (let i = 0, from = 0; i < count; i++) {
      const size = short + (i >= count - longs ? 1 : 0), part = data.slice(from, from + size);
      blocks.push([part, remainder(part, by)]);
      from += size;
    }
    for (let i = 0; i <= short; i++) blocks.forEach(([part]) => { if (i < part.length) out.push(part[i]); });
    for (let i = 0; i < by.length; i++) blocks.forEach(([, check]) => out.push(check[i]));
    return out;
  };

  /** @type {((x: number, y: number) => number)[]} */
  const MASKS = [(x, y) => (x + y) % 2, (x, y) => y % 2, x => x % 3, (x, y) => (x + y) % 3,
    (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => x * y % 2 + x * y % 3,
    (x, y) => (x * y % 2 + x * y % 3) % 2, (x, y) => ((x + y) % 2 + x * y % 3) % 2];

  /** @type {(v: number) => QrFrame} */
  const frame = v => {
    const size = 4 * v + 17, cells = Array.from({length: size}, () => Array(size).fill(null));
    /** @type {QrFrame['set']} */
    const set = (x, y, on) => { if (x >= 0 && y >= 0 && x < size && y < size) cells[y][x] = on ? 1 : 0; };
    for (let i = 0; i < size; i++) { set(6, i, i % 2 === 0); set(i, 6, i % 2 === 0); }
    [[3, 3], [size - 4, 3], [3, size - 4]].forEach(([cx, cy]) => {
      for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) {
        const far = Math.max(Math.abs(dx), Math.abs(dy));
        set(cx + dx, cy + dy, far !== 2 && far !== 4);
      }
    });
    const spots = alignments(v), end = spots.length - 1;
    spots.forEach((cy, i) => spots.forEach((cx, j) => {
      if ((i === 0 && (j === 0 || j === end)) || (i === end && j === 0)) return;
      for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) set(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    }));
    return {size, cells, set};
  };

  /** @type {(base: QrFrame, mask: number) => void} */
  const drawFormat = ({size, set}, mask) => {
    const data = BITS_M << 3 | mask;
    let rest = data;
    for (let i = 0; i < 10; i++) rest = rest << 1 ^ (rest >> 9) * 0x537;
    const bits = (data << 10 | rest) ^ 0x5412, /** @type {(i: number) => number} */ bit = i => bits >> i & 1;
    for (let i = 0; i < 6; i++) set(8, i, bit(i));
    set(8, 7, bit(6)); set(8, 8, bit(7)); set(7, 8, bit(8));
    for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i++) set(size - 1 - i, 8, bit(i));
    for (let i = 8; i < 15; i++) set(8, size - 15 + i, bit(i));
    set(8, size - 8, 1);
  };

  /** @type {(base: QrFrame, v: number) => void} */
  const drawVersion = ({size, set}, v) => {
    if (v < 7) return;
    let rest = v;
    for (let i = 0; i < 12; i++) rest = rest << 1 ^ (rest >> 11) * 0x1f25;
    const bits = v << 12 | rest;
    for (let i = 0; i < 18; i++) {
      const a = size - 11 + i % 3, b = Math.floor(i / 3);
      set(a, b, bits >> i & 1); set(b, a, bits >> i & 1);
    }
  };

  /** @type {(base: QrFrame, data: number[], mask: number) => number[][]} */
  const filled = ({size, cells}, data, mask) => {
    /** @type {any[][]} */
    const grid = cells.map(row => row.slice());
    let i = 0;
    for (let right = size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < size; step++) for (let side = 0; side < 2; side++) {
        const x = right - side, y = (right + 1 & 2) === 0 ? size - 1 - step : step;
        if (cells[y][x] !== null) continue;
        const on = i < data.length * 8 ? data[i >> 3] >> 7 - (i & 7) & 1 : 0;
        grid[y][x] = on ^ (MASKS[mask](x, y) === 0 ? 1 : 0);
        i++;
      }
    }
    return grid;
  };

  /** @type {(grid: number[][]) => number} */
  const penalty = grid => {
    const size = grid.length, lines = grid.concat(grid.map((_, x) => grid.map(row => row[x])));
    let sum = 0, dark = 0;
    lines.forEach(line => {
      const text = line.join('');
      (text.match(/0{5,}|1{5,}/g) || []).forEach(run => { sum += run.length - 2; });
      for (let i = 0; i + 11 <= size; i++) if (/^(10111010000|00001011101)$/.test(text.substr(i, 11))) sum += 40;
    });
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
      dark += grid[y][x];
      if (x && y && grid[y][x] === grid[y - 1][x] && grid[y][x] === grid[y][x - 1] && grid[y][x] === grid[y - 1][x - 1]) sum += 3;
    }
    return sum + 10 * Math.floor(Math.abs(dark * 20 / (size * size) - 10));
  };

  // The modules of `text` as rows of 0 and 1; null when it is too long to be scanned from a wall.
  /** @type {(text: string, forced?: number) => number[][] | null} */
  const matrix = (text, forced) => {
    const bytes = Array.from(unescape(encodeURIComponent(text)), c => c.charCodeAt(0));
    let v = 1;
    while (v <= 10 && bytes.length + (v < 10 ? 2 : 3) > words(v)) v++;
    if (v > 10) return null;
    const data = codewords(bytes, v);
    const grids = (forced === undefined ? [0, 1, 2, 3, 4, 5, 6, 7] : [forced]).map(mask => {
      const base = frame(v);
      drawFormat(base, mask);
      drawVersion(base, v);
      return filled(base, data, mask);
    });
    const marks = grids.map(penalty);
    return grids[marks.indexOf(Math.min(...marks))];
  };

  /** @type {((svg: Element, text: string) => boolean) & {matrix: typeof matrix}} */
  const draw = (svg, text) => {
    const grid = matrix(text);
    if (!grid) { svg.innerHTML = ''; return false; }
    const size = grid.length + 8;
    let path = '';
    grid.forEach((row, y) => row.join('').replace(/1+/g, /** @type {(run: string, x: any) => any} */ (run, x) => { path += 'M' + (x + 4) + ' ' + (y + 4) + 'h' + run.length + 'v1h-' + run.length + 'z'; }));
    svg.setAttribute('viewBox', '0 0 ' + size + ' ' + size);
    svg.setAttribute('shape-rendering', 'crispEdges');
    svg.innerHTML = '<path fill="#fff" d="M0 0h' + size + 'v' + size + 'H0z"/><path d="' + path + '"/>';
    return true;
  };
  draw.matrix = matrix;
  return draw;
})();
