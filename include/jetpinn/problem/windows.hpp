// Windows of a problem: slices of its domain along one coordinate, and what holds in each of them.
//
// Window k reaches from edges[k] to edges[k + 1]; what lies on an edge belongs to the window that ends there, at the first
// edge to the first window. Conditions at the first edge are those that later windows take over from the window before them:
// where the problem states r[u] = 0, a later window trains r[u] = r[v], v the network of the window before it, at the edge
// between the two. So as many derivatives along the coordinate are taken over as the problem's conditions fix.
#pragma once

#include "jetpinn/problem/problem.hpp"
#include "jetpinn/problem/window_options.hpp"

#include <cstddef>
#include <vector>

namespace jetpinn {

struct Windows {
  int coordinate = 0;
  std::vector<double> edges;                // [windows + 1] rising, the first and the last one are the domain's bounds
  std::vector<bool> begins;                 // [terms] whether it is a condition at the first edge
  std::vector<std::vector<bool>> terms;     // [windows][terms] whether it has a place there; of a table: it may have rows
  std::vector<std::vector<bool>> monitors;  // [windows][monitors]

  std::size_t count() const { return edges.size() - 1; }
};

// Throws Error (usage) pointing at the place where windows do not tile the domain, where nothing is fixed at the first edge,
// or where the problem holds something that a slice cannot: a set that mixes edges with other places, an output transform
// that builds in what holds at the first edge, numbers that are trained in a condition there.
Windows make_windows(const Problem& problem, const ProblemText& text, const WindowOptions& options);

}  // namespace jetpinn
