"use strict";
// A sweep along α: for the point that the slider names, q(x, l) and Q(x, l) as steps, the overlaps of all layers, and
// the map of layers with the point marked on it. Numbers come from the JSON beside this script.
for (const box of document.querySelectorAll(".slider")) {
  const data = JSON.parse(box.querySelector("script").textContent);
  const range = box.querySelector("input"), choice = box.querySelector("select"), told = box.querySelector("output");
  const panels = box.querySelector(".panels");
  const W = 420, H = 240, LEFT = 46, BOTTOM = 36, TOP = 20, RIGHT = 12;
  const COLOURS = ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39"]; // viridis

  const mix = (a, b, t) => Math.round(a + (b - a) * t);
  const colour = (share) => {
    const place = Math.min(Math.max(share, 0), 1) * (COLOURS.length - 1), low = Math.min(Math.floor(place), COLOURS.length - 2);
    const part = (text, i) => parseInt(text.slice(1 + 2 * i, 3 + 2 * i), 16);
    return `rgb(${[0, 1, 2].map((i) => mix(part(COLOURS[low], i), part(COLOURS[low + 1], i), place - low)).join()})`;
  };
  const x = (share) => LEFT + share * (W - LEFT - RIGHT), y = (value) => TOP + (1 - value) * (H - TOP - BOTTOM);
  const text = (at, up, words, anchor = "middle") => `<text x="${at}" y="${up}" text-anchor="${anchor}">${words}</text>`;
  const frame = (title, below, inside, beside = true) => {
    const ticks = beside ? [0, 0.5, 1].map((v) => text(LEFT - 6, y(v) + 4, v, "end")).join("") : "";
    return `<svg viewBox="0 0 ${W} ${H}" role="img" aria-label="${title}">${inside}` +
      `<rect x="${LEFT}" y="${TOP}" width="${W - LEFT - RIGHT}" height="${H - TOP - BOTTOM}" fill="none" stroke="#666"/>` +
      `${ticks}${text(W / 2, TOP - 6, title)}${text(W / 2, H - 4, below)}</svg>`;
  };

  // steps of every layer over x in (0, 1); layer l has the colour of l/L
  const steps = (name, rows, first, depth) => frame(name, "x", rows.map((row, i) => {
    const path = row.map((v, k) => v === null ? "" : `M${x(data.m[k])},${y(v)}H${x(data.m[k + 1])}`).join("");
    return `<path d="${path}" stroke="${colour((first + i) / depth * 0.9)}" fill="none" stroke-width="2"><title>l = ${first + i}</title></path>`;
  }).join("") + [0, 0.5, 1].map((v) => text(x(v), H - 20, v)).join(""));

  // overlaps against the layer: spins as dots, bonds as squares between them
  const profile = (spins, bonds) => {
    const depth = bonds.length, dots = spins.map((v, l) => v === null ? "" :
      `<circle cx="${x(l / depth)}" cy="${y(v)}" r="4" fill="#365c8d"><title>q(${l}) = ${v}</title></circle>`);
    const squares = bonds.map((v, i) => v === null ? "" :
      `<rect x="${x((i + 0.5) / depth) - 4}" y="${y(v) - 4}" width="8" height="8" fill="#b3541e"><title>Q(${i + 1}) = ${v}</title></rect>`);
    const every = Math.ceil(depth / 12), names = spins.map((_, l) => l % every ? "" : text(x(l / depth), H - 20, l));
    return frame("overlaps by layer: q ● spins, Q ■ bonds", "layer l", dots.join("") + squares.join("") + names.join(""));
  };

  // Q_EA of every bond layer at every α, one column for each point of the sweep
  const map = (bonds, depth, now) => {
    const count = data.alpha.length, cells = [];
    bonds.forEach((row, a) => {
      for (let l = 0; l < depth; l++) {
        const fill = row === null || row[l] === null ? "#ccc" : colour(row[l]);
        cells.push(`<rect x="${x(a / count)}" y="${y((l + 1) / depth)}" width="${(W - LEFT - RIGHT) / count + 0.5}" ` +
          `height="${(H - TOP - BOTTOM) / depth + 0.5}" fill="${fill}"/>`);
      }
    });
    const every = Math.ceil(depth / 8);
    for (let l = 1; l <= depth; l += every) cells.push(text(LEFT - 6, y((l - 0.5) / depth) + 4, l, "end"));
    const jump = Math.ceil(count / 6);
    for (let a = 0; a < count; a += jump) cells.push(text(x((a + 0.5) / count), H - 20, Number(data.alpha[a].toPrecision(3))));
    cells.push(`<rect x="${x(now / count)}" y="${TOP}" width="${(W - LEFT - RIGHT) / count}" height="${H - TOP - BOTTOM}" fill="none" stroke="red" stroke-width="2"/>`);
    return frame("Q_EA of bond layer l (dark 0, bright 1, grey: not solved)", "α, point by point", cells.join(""), false);
  };

  const draw = () => {
    const a = Number(range.value), branch = data.branches[Number(choice.value)], depth = branch.depth;
    const solved = branch.status[a] === "converged";
    told.textContent = `α = ${data.alpha[a]}: ${branch.status[a]}` + (solved ? `, s = ${branch.s[a]}` : "");
    const drawn = [];
    if (solved) {
      if (branch.q && data.m.length > 2) { // a single step says no more than the profile
        drawn.push(steps("q(x, l), spins", branch.q[a].slice(1, depth), 1, depth));
        drawn.push(steps("Q(x, l), bonds", branch.Q[a], 1, depth));
      }
      drawn.push(profile(branch.spins[a], branch.bonds[a]));
    }
    drawn.push(map(branch.bonds, depth, a));
    panels.innerHTML = drawn.join("");
  };
  range.addEventListener("input", draw);
  choice.addEventListener("change", draw);
  draw();
}
