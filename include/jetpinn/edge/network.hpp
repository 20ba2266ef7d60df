// Evaluates a trained network that `jetpinn export RUN --file F.jpn` wrote: C++17, the standard library alone, nothing to
// link.
//
//   #include "jetpinn/edge/network.hpp"
//   const auto network = jetpinn::edge::Network::load("burgers.jpn");
//   const double inputs[] = {0.5, 0.1};        // t, x: network.inputs()
//   double u;                                  // network.outputs()
//   network.evaluate(inputs, &u);
//   double u_by[2], u_by_both[4];              // u_t, u_x; u_tt, u_tx, u_xt, u_xx
//   network.differentiate(inputs, &u, u_by);
//   network.differentiate_twice(inputs, &u, u_by, u_by_both);
//
// The bits of the outputs are the same from g++ and clang++ at every level of optimisation, with and without -march=native,
// for any number of points at once. A network is not changed by evaluating it: threads may share one.
#pragma once

#include "jetpinn/edge/body.hpp"
#include "jetpinn/edge/program.hpp"

#include <cstdio>
#if defined(__cpp_exceptions)
#include <stdexcept>
#endif

namespace jetpinn::edge {

#if defined(__cpp_exceptions)
// A file that cannot be used: its name, what is wrong, what to do.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
#endif

class Network {
 public:
#if defined(__cpp_exceptions)
  // Throws Error.
  static Network load(const std::string& path) {
    Network network;
    const std::string trouble = network.read(path);
    if (!trouble.empty()) throw Error(path + ": " + trouble);
    return network;
  }
  // Of a file that is in memory, and may go after that.
  static Network load(const void* data, std::size_t bytes) {
    Network network;
    const std::string trouble = network.read(data, bytes);
    if (!trouble.empty()) throw Error("the network in memory: " + trouble);
    return network;
  }
#endif

  // The same without exceptions: what is wrong, empty where nothing is. With trouble the network is not to be evaluated.
  std::string read(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (!file) return "it cannot be opened; check the path";
    std::vector<unsigned char> bytes;
    unsigned char piece[65536];
    for (std::size_t count; (count = std::fread(piece, 1, sizeof piece, file)) > 0;)
      bytes.insert(bytes.end(), piece, piece + count);
    const bool failed = std::ferror(file) != 0;
    std::fclose(file);
    return failed ? "it cannot be read; name a file" : read(bytes.data(), bytes.size());
  }
  std::string read(const void* data, std::size_t bytes) {
    *this = Network();
    if (!rounds_as_promised())
      return "this program was compiled so that products and sums are joined; leave out -ffp-contract=fast";
    FileReader file(data, bytes);
    read(file);
    return file.trouble();
  }

  const std::vector<std::string>& inputs() const { return inputs_; }
  const std::vector<std::string>& outputs() const { return outputs_; }
  // Between which values of an input the network was trained; outside it extrapolates.
  double lower(std::size_t input) const { return lower_[input]; }
  double upper(std::size_t input) const { return upper_[input]; }
  int bits() const { return static_cast<int>(8 * value_bytes_); }  // of a value: 32 or 64
  std::size_t parameters() const {
    std::size_t count = 0;
    for (const auto& window : single_) count += window.body.parameters();
    for (const auto& window : double_) count += window.body.parameters();
    return count;
  }
  // "name", "kind", "activation", "version", "steps"; empty where the file does not say
  std::string fact(const std::string& key) const {
    for (const auto& [name, value] : facts_)
      if (name == key) return value;
    return {};
  }

  // inputs [points, inputs().size()], outputs [points, outputs().size()]
  void evaluate(const double* inputs, double* outputs, std::size_t points = 1) const {
    value_bytes_ == 4 ? evaluate_with(single_, inputs, outputs, points) : evaluate_with(double_, inputs, outputs, points);
  }

  // With the first derivatives of each output by each input: slopes [points, outputs().size(), inputs().size()]. The outputs
  // have the bits that evaluate gives them. On an edge between windows the derivatives are those of the one that ends there.
  void differentiate(const double* inputs, double* outputs, double* slopes, std::size_t points = 1) const {
    for (std::size_t p = 0; p < points; ++p) {
      const double* from = inputs + p * inputs_.size();
      double *to = outputs + p * outputs_.size(), *by = slopes + p * outputs_.size() * inputs_.size();
      value_bytes_ == 4 ? differentiate_with(single_, from, to, by) : differentiate_with(double_, from, to, by);
    }
  }

  // And with the second ones, pure and mixed: curvatures [points, outputs().size(), inputs().size(), inputs().size()],
  // symmetric. Outputs and slopes have the bits that differentiate gives them.
  void differentiate_twice(const double* inputs, double* outputs, double* slopes, double* curvatures,
                           std::size_t points = 1) const {
    const std::size_t slope_count = outputs_.size() * inputs_.size();
    for (std::size_t p = 0; p < points; ++p) {
      const double* from = inputs + p * inputs_.size();
      double *to = outputs + p * outputs_.size(), *by = slopes + p * slope_count,
             *by_both = curvatures + p * slope_count * inputs_.size();
      value_bytes_ == 4 ? curve_with(single_, from, to, by, by_both) : curve_with(double_, from, to, by, by_both);
    }
  }

 private:
  template <class T>
  struct Window {
    Program program;
    Body<T> body;
  };
  static constexpr std::size_t tile = 16;  // points at once, where there are that many

  std::vector<std::pair<std::string, std::string>> facts_;
  std::vector<std::string> inputs_, outputs_;
  std::vector<double> lower_, upper_;
  std::uint32_t value_bytes_ = 8;
  std::size_t cut_ = 0;                // the input along which windows follow one another
  std::vector<double> edges_;          // [windows + 1] rising; empty: one network
  std::vector<Window<float>> single_;  // [windows], those of the file's type
  std::vector<Window<double>> double_;

  static bool rounds_as_promised() {
    // (1 + e)^2 = 1 + 2e + e^2: rounded by itself the product loses e^2, joined with the sum it keeps it
    volatile double a = 1 + 1.0 / (1 << 30), c = -(1 + 2.0 / (1 << 30));
    return rounds_each_operation(a, a, c);
  }

  void read(FileReader& file) {
    value_bytes_ = file.value_bytes();
    const std::size_t facts = file.count(8);
    for (std::size_t k = 0; k < facts; ++k) {
      std::string key = file.text();
      facts_.emplace_back(std::move(key), file.text());
    }
    const std::size_t inputs = file.count(20);
    for (std::size_t k = 0; k < inputs; ++k) {
      inputs_.push_back(file.text());
      lower_.push_back(file.f64());
      upper_.push_back(file.f64());
    }
    const std::size_t outputs = file.count(4);
    for (std::size_t k = 0; k < outputs; ++k) outputs_.push_back(file.text());
    if (file.sound() && (inputs == 0 || outputs == 0)) file.fail("it has no inputs or no outputs");
    const std::size_t windows = file.count(8);
    cut_ = file.below(inputs, "input");
    if (file.sound() && windows == 0) file.fail("it holds no network");
    for (std::size_t k = 0; windows > 1 && k <= windows && file.sound(); ++k) edges_.push_back(file.f64());
    for (std::size_t k = 0; k < windows && file.sound(); ++k) {
      value_bytes_ == 4 ? read_window(file, single_) : read_window(file, double_);
    }
  }

  template <class T>
  void read_window(FileReader& file, std::vector<Window<T>>& windows) const {
    windows.emplace_back();
    windows.back().program.read(file, inputs_.size(), outputs_.size());
    windows.back().body.read(file, inputs_.size(), outputs_.size());
  }

  // A place on an edge belongs to the window that ends there.
  std::size_t window_of(const double* inputs) const {
    std::size_t window = 0;
    while (window + 2 < edges_.size() && inputs[cut_] > edges_[window + 1]) ++window;
    return window;
  }

  template <class T>
  void differentiate_with(const std::vector<Window<T>>& windows, const double* inputs, double* outputs,
                          double* slopes) const {
    const Window<T>& own = windows[window_of(inputs)];
    std::vector<double> fields(lanes * outputs_.size()), results(fields.size()), values(lanes * own.program.steps());
    for (std::size_t first = 0; first < inputs_.size(); first += lanes - 1) {
      own.body.evaluate_slopes(inputs, AlongThree{first}, fields.data());
      own.program.run_slopes(inputs, AlongThree{first}, fields.data(), values.data(), results.data());
      for (std::size_t k = 0; k < outputs_.size(); ++k) {
        outputs[k] = results[k * lanes];
        for (std::size_t j = 1; j < lanes && first + j - 1 < inputs_.size(); ++j)
          slopes[k * inputs_.size() + first + j - 1] = results[k * lanes + j];
      }
    }
  }

  // A pass for each pair of inputs, in either order.
  template <class T>
  void curve_with(const std::vector<Window<T>>& windows, const double* inputs, double* outputs, double* slopes,
                  double* curvatures) const {
    const Window<T>& own = windows[window_of(inputs)];
    const std::size_t count = inputs_.size();
    std::vector<double> fields(lanes * outputs_.size()), results(fields.size()), values(lanes * own.program.steps());
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = i; j < count; ++j) {
        own.body.evaluate_slopes(inputs, AlongTwo{i, j}, fields.data());
        own.program.run_slopes(inputs, AlongTwo{i, j}, fields.data(), values.data(), results.data());
        for (std::size_t k = 0; k < outputs_.size(); ++k) {
          outputs[k] = results[k * lanes];
          slopes[k * count + i] = results[k * lanes + 1];
          slopes[k * count + j] = results[k * lanes + 2];
          curvatures[(k * count + i) * count + j] = curvatures[(k * count + j) * count + i] = results[k * lanes + 3];
        }
      }
  }

  template <class T>
  void evaluate_with(const std::vector<Window<T>>& windows, const double* inputs, double* outputs,
                     std::size_t points) const {
    std::vector<double> fields(tile * outputs_.size()), values;
    for (std::size_t first = 0; first < points;) {
      const double* from = inputs + first * inputs_.size();
      const std::size_t window = window_of(from);
      std::size_t count = 1;  // points of this window that follow one another, up to a tile
      while (count < tile && first + count < points && window_of(from + count * inputs_.size()) == window) ++count;
      if (count < tile) count = 1;
      const Window<T>& own = windows[window];
      count == tile ? own.body.template evaluate<tile>(from, inputs_.size(), fields.data())
                    : own.body.template evaluate<1>(from, inputs_.size(), fields.data());
      values.resize(own.program.steps());
      for (std::size_t p = 0; p < count; ++p)
        own.program.run(from + p * inputs_.size(), fields.data() + p * outputs_.size(), values.data(),
                        outputs + (first + p) * outputs_.size());
      first += count;
    }
  }
};

}  // namespace jetpinn::edge
