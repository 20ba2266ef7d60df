// A network between its inputs and what its last layers give: features of the inputs, then layers that read earlier ones, in
// the file's type T. Several networks that share the outputs are members: each has the next features and layers.
//
// In the file: u32 members, members x (u32 features, u32 layers) · outputs x u32: the number of the output that each column
// of the last layers is, member by member · features x (u32 kind, u32 input, f64 scale, f64 shift): scale x + shift, of kind
// 1 its cosine, of kind 2 its sine · layers x (text kind, text function, u32 units, u32 reads, u32[reads], u32 blocks,
// blocks x (text name, values)), values as in weight.hpp.
#pragma once

#include "jetpinn/edge/curvatures.hpp"
#include "jetpinn/edge/weight.hpp"

#include <algorithm>

namespace jetpinn::edge {

JETPINN_EDGE_EXACT_BEGIN

struct Feature {
  std::uint32_t kind = 0, input = 0;
  double scale = 1, shift = 0;

  double value(const double* inputs) const {
    const double argument = inputs[input] * scale + shift;
    return kind == 0 ? argument : kind == 1 ? cos_of(argument) : sin_of(argument);
  }
  double slope(const double* inputs) const {
    const double argument = inputs[input] * scale + shift;
    return kind == 0 ? scale : scale * (kind == 1 ? -sin_of(argument) : cos_of(argument));
  }
  double curvature(const double* inputs) const { return kind == 0 ? 0.0 : -(scale * scale) * value(inputs); }
};

template <class T>
struct Layer {
  enum class Kind { multiply, activation, gate, mix };
  enum class Function { tanh, sin, silu, gelu, softplus };

  Kind kind = Kind::multiply;  // input, linear and output: the product with a matrix, and where there is one a bias
  Function function = Function::tanh;
  std::size_t units = 0;
  std::vector<std::uint32_t> reads;  // layers; none: the features
  Weight<T> weight;
  std::vector<T> bias;
  bool has_share = false;
  T share = 1;

  // [units, Tile] from the outputs of what it reads
  template <std::size_t Tile>
  void evaluate(const std::vector<const T*>& from, T* to) const {
    const std::size_t size = units * Tile;
    switch (kind) {
      case Kind::multiply:
        weight.template multiply<Tile>(from[0], to);
        if (!bias.empty()) add_bias<Tile>(to, to);
        return;
      case Kind::activation:
        add_bias<Tile>(from[0], to);
        return apply(to, size);
      case Kind::gate:
        for (std::size_t i = 0; i < size; ++i) to[i] = from[1][i] + from[0][i] * (from[2][i] - from[1][i]);
        return;
      case Kind::mix:
        if (has_share)
          for (std::size_t i = 0; i < size; ++i) to[i] = from[1][i] + (from[0][i] - from[1][i]) * share;
        else
          for (std::size_t i = 0; i < size; ++i) to[i] = from[0][i] + from[1][i];
        return;
    }
  }

  // [units, lanes] of one point: in each unit the value, then its derivatives.
  template <class Along>
  void evaluate_slopes(const std::vector<const T*>& from, T* to) const {
    if (kind == Kind::mix) return evaluate<lanes>(from, to);  // linear in what it reads
    if (kind == Kind::multiply) weight.template multiply<lanes>(from[0], to);
    for (std::size_t u = 0; u < units; ++u) {
      const std::size_t at = u * lanes;
      if (kind == Kind::multiply) {
        if (!bias.empty()) to[at] = to[at] + bias[u];
      } else if (kind == Kind::activation) {
        const T x = from[0][at] + bias[u];
        to[at] = x;
        apply(to + at, 1);
        const T slope = slope_of(x, to[at]);
        for (std::size_t j = 1; j < lanes; ++j) to[at + j] = slope * from[0][at + j];
        if constexpr (Along::twice) to[at + 3] = to[at + 3] + curvature_of(x, to[at]) * (from[0][at + 1] * from[0][at + 2]);
      } else {
        const T *share_of_second = from[0] + at, *first = from[1] + at, *second = from[2] + at;
        to[at] = first[0] + share_of_second[0] * (second[0] - first[0]);
        for (std::size_t j = 1; j < lanes; ++j)
          to[at + j] =
              first[j] + (share_of_second[j] * (second[0] - first[0]) + share_of_second[0] * (second[j] - first[j]));
        if constexpr (Along::twice)
          to[at + 3] =
              to[at + 3] + (share_of_second[1] * (second[2] - first[2]) + share_of_second[2] * (second[1] - first[1]));
      }
    }
  }

 private:
  T slope_of(T x, T value) const {
    switch (function) {
      case Function::tanh:
        return T(1) - value * value;
      case Function::sin:
        return sin_slope(x);
      case Function::silu:
        return silu_slope(x);
      case Function::gelu:
        return gelu_slope(x);
      case Function::softplus:
        return sigmoid_of(x);
    }
    return 0;
  }
  T curvature_of(T x, T value) const {
    switch (function) {
      case Function::tanh:
        return T(-2) * value * (T(1) - value * value);
      case Function::sin:
        return -value;
      case Function::silu:
        return silu_curvature(x);
      case Function::gelu:
        return gelu_curvature(x);
      case Function::softplus:
        return softplus_curvature(x);
    }
    return 0;
  }

  template <std::size_t Tile>
  void add_bias(const T* from, T* to) const {
    for (std::size_t u = 0; u < units; ++u)
      for (std::size_t p = 0; p < Tile; ++p) to[u * Tile + p] = from[u * Tile + p] + bias[u];
  }

  void apply(T* values, std::size_t size) const {
    switch (function) {
      case Function::tanh:
        for (std::size_t i = 0; i < size; ++i) values[i] = tanh_of(values[i]);
        return;
      case Function::sin:
        for (std::size_t i = 0; i < size; ++i) values[i] = sin_of(values[i]);
        return;
      case Function::silu:
        for (std::size_t i = 0; i < size; ++i) values[i] = silu_of(values[i]);
        return;
      case Function::gelu:
        for (std::size_t i = 0; i < size; ++i) values[i] = gelu_of(values[i]);
        return;
      case Function::softplus:
        for (std::size_t i = 0; i < size; ++i) values[i] = softplus_of(values[i]);
        return;
    }
  }
};

template <class T>
class Body {
 public:
  void read(FileReader& file, std::size_t inputs, std::size_t outputs) {
    const std::size_t members = file.count(8);
    std::size_t features = 0, layers = 0;
    for (std::size_t m = 0; m < members; ++m) {
      members_.push_back({file.u32(), file.u32()});
      features += members_.back().features;
      layers += members_.back().layers;
      if (members_.back().layers == 0) file.fail("a network of it has no layers");
    }
    std::vector<bool> given(outputs);
    for (std::size_t k = 0; k < outputs; ++k) {
      output_.push_back(file.below(outputs, "output"));
      if (file.sound() && given[output_.back()]) file.fail("it gives an output twice");
      if (file.sound()) given[output_.back()] = true;
    }
    for (std::size_t k = 0; k < features && file.sound(); ++k) {
      Feature feature;
      feature.kind = file.below(3, "kind of feature");
      feature.input = file.below(inputs, "input");
      feature.scale = file.f64();
      feature.shift = file.f64();
      features_.push_back(feature);
    }
    std::size_t first = 0, columns = 0;
    for (const Member& member : members_) {
      for (std::size_t k = 0; k < member.layers && file.sound(); ++k) read_layer(file, first, member.features);
      first += member.layers;
      if (file.sound()) columns += layers_.back().units;
    }
    if (file.sound() && columns != outputs)
      file.fail("its networks give " + std::to_string(columns) + " outputs, not " + std::to_string(outputs));
  }

  std::size_t parameters() const {
    std::size_t count = 0;
    for (const Layer<T>& layer : layers_) count += layer.weight.inputs * layer.weight.outputs + layer.bias.size();
    return count;
  }

  // inputs [Tile, number_of_inputs], fields [Tile, outputs]
  template <std::size_t Tile>
  void evaluate(const double* inputs, std::size_t number_of_inputs, double* fields) const {
    const auto feature = [&](const Feature& of, T* to) {
      for (std::size_t p = 0; p < Tile; ++p) to[p] = static_cast<T>(of.value(inputs + p * number_of_inputs));
    };
    const auto layer = [](const Layer<T>& of, const std::vector<const T*>& from, T* to) {
      of.template evaluate<Tile>(from, to);
    };
    const auto output = [&](std::size_t number, const T* from) {
      for (std::size_t p = 0; p < Tile; ++p) fields[p * output_.size() + number] = static_cast<double>(from[p]);
    };
    walk<Tile>(feature, layer, output);
  }

  // Of one point: fields [outputs, lanes], each value in front of its derivatives.
  template <class Along>
  void evaluate_slopes(const double* inputs, const Along& along, double* fields) const {
    const auto feature = [&](const Feature& of, T* to) {
      to[0] = static_cast<T>(of.value(inputs));
      for (std::size_t j = 1; j < lanes; ++j) to[j] = along.has(j, of.input) ? static_cast<T>(of.slope(inputs)) : T(0);
      if constexpr (Along::twice)
        to[3] = along.has(1, of.input) && along.has(2, of.input) ? static_cast<T>(of.curvature(inputs)) : T(0);
    };
    const auto layer = [](const Layer<T>& of, const std::vector<const T*>& from, T* to) {
      of.template evaluate_slopes<Along>(from, to);
    };
    const auto output = [&](std::size_t number, const T* from) {
      for (std::size_t j = 0; j < lanes; ++j) fields[number * lanes + j] = static_cast<double>(from[j]);
    };
    walk<lanes>(feature, layer, output);
  }

 private:
  struct Member {
    std::size_t features = 0, layers = 0;
  };
  std::vector<Member> members_;
  std::vector<std::uint32_t> output_;  // [columns of the last layers] which output it is
  std::vector<Feature> features_;
  std::vector<Layer<T>> layers_;

  // Member by member: feature(Feature, to), layer(Layer, from, to) and output(its number, from), all with Width numbers for
  // each feature, unit and output.
  template <std::size_t Width, class ToFeature, class ToLayer, class ToOutput>
  void walk(const ToFeature& to_feature, const ToLayer& to_layer, const ToOutput& to_output) const {
    std::vector<std::vector<T>> values(layers_.size());
    std::vector<T> featured;
    std::vector<const T*> from;
    std::size_t feature = 0, layer = 0, column = 0;
    for (const Member& member : members_) {
      featured.resize(member.features * Width);
      for (std::size_t k = 0; k < member.features; ++k) to_feature(features_[feature + k], featured.data() + k * Width);
      feature += member.features;
      for (std::size_t end = layer + member.layers; layer < end; ++layer) {
        const Layer<T>& step = layers_[layer];
        from.clear();
        for (std::uint32_t read : step.reads) from.push_back(values[read].data());
        if (from.empty()) from.push_back(featured.data());
        values[layer].resize(step.units * Width);
        to_layer(step, from, values[layer].data());
      }
      const std::vector<T>& last = values[layer - 1];
      for (std::size_t u = 0; u < last.size() / Width; ++u, ++column) to_output(output_[column], last.data() + u * Width);
    }
  }

  // first: of the layers of its member
  void read_layer(FileReader& file, std::size_t first, std::size_t features) {
    Layer<T> layer;
    const std::string kind = file.text(), function = file.text();
    layer.units = file.u32();
    const std::size_t reads = file.count(4);
    for (std::size_t k = 0; k < reads; ++k) {
      layer.reads.push_back(file.below(layers_.size(), "layer"));
      if (layer.reads.back() < first) file.fail("a layer of it reads one of another network");
    }
    const std::size_t blocks = file.count(16);
    for (std::size_t k = 0; k < blocks && file.sound(); ++k) read_block(file, layer);
    if (!file.sound()) return;
    set_kind(file, layer, kind, function);
    check_shapes(file, layer, features);
    layers_.push_back(std::move(layer));
  }

  void read_block(FileReader& file, Layer<T>& layer) {
    const std::string name = file.text();
    Values<T> values;
    values.read(file);
    if (!file.sound()) return;
    if (name == "weight" && values.shape.size() == 2) return layer.weight.take(std::move(values));
    if (values.shape.size() != 1 || values.sparse || (name != "bias" && name != "share"))
      return file.fail("a layer of it has a block '" + name + "' that this evaluator does not know");
    if (name == "bias") {
      layer.bias = std::move(values.all);
    } else if (values.all.size() == 1) {
      layer.has_share = true;
      layer.share = values.all[0];
    }
  }

  void set_kind(FileReader& file, Layer<T>& layer, const std::string& kind, const std::string& function) {
    using Kind = typename Layer<T>::Kind;
    using Function = typename Layer<T>::Function;
    static const char* const functions[] = {"tanh", "sin", "silu", "gelu", "softplus"};
    std::size_t reads = 1;
    if (kind == "input" || kind == "linear" || kind == "output") {
      layer.kind = Kind::multiply;
      reads = kind == "input" ? 0 : 1;
    } else if (kind == "activation") {
      layer.kind = Kind::activation;
      const auto at =
          std::find_if(std::begin(functions), std::end(functions), [&](const char* name) { return name == function; });
      if (at == std::end(functions))
        file.fail("it has the activation '" + function + "', which this evaluator does not know");
      layer.function = static_cast<Function>(at - std::begin(functions));
    } else if (kind == "gate") {
      layer.kind = Kind::gate;
      reads = 3;
    } else if (kind == "mix") {
      layer.kind = Kind::mix;
      reads = 2;
    } else {
      file.fail("it has layers of kind '" + kind + "', which this evaluator does not know");
    }
    if (layer.reads.size() != reads)
      file.fail("a layer of kind '" + kind + "' reads " + std::to_string(layer.reads.size()) + " others");
  }

  // So that no product or sum of evaluate leaves its buffers.
  void check_shapes(FileReader& file, const Layer<T>& layer, std::size_t features) {
    if (!file.sound()) return;
    const bool multiplies = layer.kind == Layer<T>::Kind::multiply;
    const std::size_t before = layer.reads.empty() ? features : layers_[layer.reads[0]].units;
    bool fits = multiplies ? layer.weight.inputs == before && layer.weight.outputs == layer.units : before == layer.units;
    for (std::uint32_t read : layer.reads) fits = fits && layers_[read].units == before;
    if (layer.kind == Layer<T>::Kind::activation || !layer.bias.empty()) fits = fits && layer.bias.size() == layer.units;
    if (!fits || layer.units == 0 || before == 0)
      file.fail("the shapes of layer " + std::to_string(layers_.size()) + " do not fit");
  }
};

JETPINN_EDGE_EXACT_END

}  // namespace jetpinn::edge
