// Whether a tile network computes what its weights say, to rounding: layer by layer, for behind several layers a bound of
// what rounding may have done is too wide to find anything.
#pragma once

#include "jetpinn/compress/tile_network.hpp"
#include "jetpinn/compress/weight_stack.hpp"

#include <vector>

namespace jetpinn {

// The largest error of a sum of the network's layers, as a share of what rounding allows: at most 1 where all is well, NaN
// where a sum is. Infinite where the outputs are not, bit for bit, those of the layers one after the other. `stack`: the
// weights that the network was made of.
//
// A sum of n products w x and a bias b, in any order, fused or not, differs from the exact one by at most
// gamma (sum |w x| + |b|), gamma = (n + 1) u / (1 - (n + 1) u), u half of the precision's epsilon (Higham, Accuracy and
// Stability of Numerical Algorithms, 2nd edition, (3.5)); n counts the weights that are kept, for zeros add nothing. What
// underflows comes on top, the smallest normal number for each of them. Exact sums are taken in a wider type, double for
// fp32 and long double for fp64, of the same inputs: those that the network itself gives the layer. x [points, inputs]
template <class T>
double rounding_share(TileNetwork<T>& network, const WeightStack& stack, const std::vector<T>& x);

}  // namespace jetpinn
