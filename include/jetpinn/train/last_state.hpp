// What a window hands over to the next one: the residuals of the conditions at the first edge, of its network where it ends.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/problem/windows.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <string>

namespace jetpinn {

// Of one condition: its points with their coordinate moved to `edge`, and a column for each of its residuals, named by
// `column`. `whole`: of the problem before it is cut; engine, parameters: of the window that ends at the edge, with the
// terms of `whole`. Throws Error (numerical) naming the first point whose value is not finite. Every rank computes all.
PointTable last_state(const Assembly& whole, const Windows& windows, std::size_t term, double edge, Engine& engine,
                      const double* parameters, std::string (*column)(std::size_t));

}  // namespace jetpinn
