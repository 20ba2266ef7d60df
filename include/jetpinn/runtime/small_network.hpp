// Small classifiers and regressors that are trained on rows of numbers, and whole singular value decompositions: by
// LibTorch, in its module. Nothing here belongs to a PINN.
#pragma once

#include <cstdint>
#include <vector>

namespace jetpinn {

// Rows of numbers with a target each, and which of them serve for what.
struct SmallNetworkData {
  const void* rows = nullptr;  // [samples, length], float or double; only read
  bool fp64 = false;           // what they are, and in which numbers the network is trained
  std::int64_t length = 0;
  const double* targets = nullptr;                    // [samples] the number of a class, or a value
  std::int64_t classes = 0;                           // 0: values
  std::int64_t height = 0, width = 0;                 // of a row that is an image; 0: it is none
  std::vector<std::int64_t> train, validation, test;  // numbers of rows
};

struct SmallNetworkOptions {
  std::vector<std::int64_t> hidden{64, 32};  // of rows that are no image
  double dropout = 0.2, weight_decay = 1e-3, learning_rate = 0.2;
  std::int64_t epochs = 200, patience = 20, batch = 256;  // patience: epochs without a better loss of the validation rows
  std::uint64_t seed = 0;
};

struct SmallNetworkResult {
  std::vector<double> predicted;  // [test] the likeliest class, or the value
  std::int64_t epochs = 0, best_epoch = 0;
  double seconds = 0;  // of training, without the reading of rows
  bool finite = true;  // false: the loss was no number
};

// Trains: rows are shifted and scaled by mean and deviation of the training rows alone (columns that do not vary there are
// left out) and divided by the root of their length, so that one learning rate serves all lengths. Then a network with
// rectified units and dropout behind each hidden layer, by steepest descent with momentum 0.9 and weight decay, gradients
// cut to a length of 1; what is predicted is the network of the lowest validation loss. Rows that are images keep their size
// and go through three convolutions (3 x 3, stride 2, 8, 16 and 32 channels) and the mean over all places. The result is a
// function of the arguments alone.
//
// Rejected: Adam. It moves every weight by as much, and so learns the scatter of a thousand columns as fast as the direction
// that they share: with 600 rows of the planted networks 0.61 right in place of 0.80 (singular values of all layers).
SmallNetworkResult train_small_network(const SmallNetworkData& data, const SmallNetworkOptions& options);

// weight [rows, columns], row-major; values [k] falling, left [k, rows], right [k, columns], with k the smaller side.
void full_svd(const double* weight, std::int64_t rows, std::int64_t columns, double* values, double* left, double* right);

// The module's table for both.
struct LibtorchNetworks {
  SmallNetworkResult (*train)(const SmallNetworkData&, const SmallNetworkOptions&);
  void (*full_svd)(const double* weight, std::int64_t rows, std::int64_t columns, double* values, double* left,
                   double* right);
};

}  // namespace jetpinn

// Defined in the module.
extern "C" const jetpinn::LibtorchNetworks jetpinn_libtorch_networks;
