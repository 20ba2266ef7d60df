#include "jetpinn/compress/import_network.hpp"

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/io/hdf5.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <set>

namespace jetpinn {
namespace {

constexpr std::int64_t most_units = 65536;  // as network.hidden has it

std::string shape_text(const std::vector<std::int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

class Import {
 public:
  explicit Import(const std::string& path) : file_(path) {}

  WeightStack read() {
    const std::size_t count = count_layers();
    WeightStack stack;
    stack.activation = activation();
    stack.precision = Precision::fp32;
    for (std::size_t l = 0; l < count; ++l) {
      stack.layers.push_back(layer(l, stack.layers.empty() ? nullptr : &stack.layers.back()));
      for (const char* what : {"weight", "bias"})
        if (file_.value_bytes(name(what, l)) > 4) stack.precision = Precision::fp64;
    }
    stack.inputs = names("inputs", "x", stack.input_count());
    stack.outputs = names("outputs", "y", stack.output_count());
    return stack;
  }

 private:
  static std::string name(const char* what, std::size_t layer) { return fmt::format("{}_{}", what, layer); }
  [[noreturn]] void fail(const std::string& what) const { throw Error(Status::usage, file_.path() + ": " + what); }

  // weight_0, weight_1, ... without a gap, and nothing else but their biases and masks.
  std::size_t count_layers() const {
    const std::vector<std::string> members = file_.members();
    const std::set<std::string> there(members.begin(), members.end());
    std::size_t count = 0;
    std::set<std::string> expected;
    for (; there.count(name("weight", count)); ++count)
      for (const char* what : {"weight", "bias", "mask"}) expected.insert(name(what, count));
    for (const std::string& member : members)
      if (!expected.count(member))
        fail(
            fmt::format("the dataset '{}' is none of weight_N, bias_N and mask_N of the {} layers from weight_0 on; rename "
                        "it, add the weight that is missing, or leave it away",
                        member, count));
    if (count < 2)
      fail(fmt::format("it has {} of the datasets weight_0, weight_1, ...; a network has at least two layers", count));
    return count;
  }

  StackLayer layer(std::size_t l, const StackLayer* before) const {
    const std::string weight = name("weight", l), bias = name("bias", l), mask = name("mask", l);
    const std::vector<std::int64_t> shape = file_.shape(weight);
    const bool sound = shape.size() == 2 &&
                       std::all_of(shape.begin(), shape.end(), [](std::int64_t n) { return n >= 1 && n <= most_units; });
    if (!sound)
      file_.fail(weight, "its shape is " + shape_text(shape),
                 fmt::format("write it as [outputs, {}], each from 1 to {}",
                             before ? std::to_string(before->pattern.outputs) : "inputs", most_units));
    if (before && shape[1] != before->pattern.outputs)
      file_.fail(weight,
                 fmt::format("its shape is {}, and {} gives {} outputs", shape_text(shape), name("weight", l - 1),
                             before->pattern.outputs),
                 fmt::format("write the layers in their order, each as [outputs, inputs], this one as [{}, {}]", shape[0],
                             before->pattern.outputs));
    const std::string as = fmt::format("write it as [{}], zeros where the layer has no bias", shape[0]);
    if (!file_.has(bias)) file_.fail(bias, fmt::format("not in the file, and {} has {} outputs", weight, shape[0]), as);
    if (const std::vector<std::int64_t> found = file_.shape(bias); found != std::vector<std::int64_t>{shape[0]})
      file_.fail(bias, fmt::format("its shape is {}, {} has {} outputs", shape_text(found), weight, shape[0]), as);
    StackLayer result;
    result.bias = numbers(bias, shape[0]);
    keep(result, numbers(weight, shape[0] * shape[1]), mask_of(mask, weight, shape), shape);
    if (result.kept.empty())
      file_.fail(file_.has(mask) ? mask : weight, "it keeps no weight, so that the layer would vanish",
                 "keep at least one weight in each layer");
    return result;
  }

  // In the order of [inputs, outputs], which is that of our files.
  static void keep(StackLayer& layer, const std::vector<double>& weights, const std::vector<double>& mask,
                   const std::vector<std::int64_t>& shape) {
    layer.pattern.outputs = shape[0];
    layer.pattern.inputs = shape[1];
    for (std::int64_t i = 0; i < shape[1]; ++i) {
      for (std::int64_t o = 0; o < shape[0]; ++o) {
        const auto at = static_cast<std::size_t>(o * shape[1] + i);
        if ((mask.empty() ? weights : mask)[at] == 0) continue;
        layer.pattern.kept.push_back(i * shape[0] + o);
        layer.kept.push_back(weights[at]);
      }
    }
  }

  std::vector<double> mask_of(const std::string& mask, const std::string& weight,
                              const std::vector<std::int64_t>& shape) const {
    if (!file_.has(mask)) return {};
    const std::vector<std::int64_t> found = file_.shape_of_any(mask);
    if (found != shape)
      file_.fail(mask, "its shape is " + shape_text(found) + ", that of " + weight + " is " + shape_text(shape),
                 "write it as " + shape_text(shape));
    std::vector<double> values(static_cast<std::size_t>(shape[0] * shape[1]));
    file_.read_all(mask, values.data());
    const auto other = std::find_if(values.begin(), values.end(), [](double v) { return v != 0 && v != 1; });
    if (other != values.end())
      file_.fail(mask, fmt::format("it holds {:g}", *other), "write 1 where a weight is kept and 0 where it is not");
    return values;
  }

  std::vector<double> numbers(const std::string& dataset, std::int64_t count) const {
    std::vector<double> values(static_cast<std::size_t>(count));
    file_.read_all(dataset, values.data());
    if (!std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); }))
      file_.fail(dataset, "some are not finite numbers", "export the network again");
    return values;
  }

  Activation activation() const {
    const std::vector<std::string> known(std::begin(activation_names), std::end(activation_names)),
        given = file_.texts_attribute("activation");
    const std::string list = fmt::format("{}", fmt::join(known, ", "));
    if (given.size() != 1) fail("the attribute 'activation' is missing or no text; write one of " + list);
    const auto found = std::find(known.begin(), known.end(), given[0]);
    if (found == known.end()) {
      const std::string near = nearest_name(given[0], known);
      fail(fmt::format("the attribute 'activation' is '{}', which this program does not have; {}there is {}", given[0],
                       near.empty() ? "" : "did you mean '" + near + "'? ", list));
    }
    return static_cast<Activation>(found - known.begin());
  }

  std::vector<std::string> names(const std::string& attribute, const char* letter, std::int64_t count) const {
    std::vector<std::string> given = file_.texts_attribute(attribute);
    if (given.empty())
      for (std::int64_t k = 1; k <= count; ++k) given.push_back(letter + std::to_string(k));
    if (static_cast<std::int64_t>(given.size()) != count)
      fail(fmt::format("the attribute '{}' has {} names, the network has {} {}; write one for each, or leave it away",
                       attribute, given.size(), count, attribute));
    std::set<std::string> seen;
    for (const std::string& name : given) {
      const auto letter_or_digit = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
      if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) ||
          !std::all_of(name.begin(), name.end(), letter_or_digit))
        fail(fmt::format("the attribute '{}' has the name '{}'; names are letters, digits and _, a letter first", attribute,
                         name));
      if (!seen.insert(name).second)
        fail(fmt::format("the attribute '{}' has the name '{}' twice; give each its own", attribute, name));
    }
    return given;
  }

  hdf5::InputFile file_;
};

}  // namespace

WeightStack import_network(const std::string& path) { return Import(path).read(); }

}  // namespace jetpinn
