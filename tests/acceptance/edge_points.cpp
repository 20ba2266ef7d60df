// What an acceptance test compiles with every compiler: outputs of networks at points, as raw doubles. For each three
// arguments: F.jpn, its points [points, inputs], where the outputs go [points, outputs], behind them their first and second
// derivatives. The outputs of all points at once must have the bits that each point has alone.
#include "jetpinn/edge/network.hpp"

static std::vector<double> doubles_of(const char* path) {
  std::vector<double> values;
  std::FILE* file = std::fopen(path, "rb");
  for (double value; file && std::fread(&value, sizeof value, 1, file) == 1;) values.push_back(value);
  if (file) std::fclose(file);
  return values;
}

int main(int argc, char** argv) {
  for (int k = 1; k + 2 < argc; k += 3) {
    jetpinn::edge::Network network;
    const std::string trouble = network.read(argv[k]);
    if (!trouble.empty()) return std::printf("%s: %s\n", argv[k], trouble.c_str()), 2;
    const std::vector<double> points = doubles_of(argv[k + 1]);
    const std::size_t inputs = network.inputs().size(), outputs = network.outputs().size(), count = points.size() / inputs;
    std::vector<double> together(count * outputs), alone(count * outputs);
    network.evaluate(points.data(), together.data(), count);
    for (std::size_t i = 0; i < count; ++i) network.evaluate(points.data() + i * inputs, alone.data() + i * outputs);
    if (std::memcmp(together.data(), alone.data(), together.size() * sizeof(double)) != 0)
      return std::printf("%s: a point has other bits among others\n", argv[k]), 1;
    std::vector<double> slopes(count * outputs * inputs);
    network.differentiate(points.data(), alone.data(), slopes.data(), count);
    if (std::memcmp(together.data(), alone.data(), together.size() * sizeof(double)) != 0)
      return std::printf("%s: outputs have other bits beside their derivatives\n", argv[k]), 1;
    std::vector<double> again(slopes.size()), curvatures(slopes.size() * inputs);
    network.differentiate_twice(points.data(), alone.data(), again.data(), curvatures.data(), count);
    if (std::memcmp(together.data(), alone.data(), together.size() * sizeof(double)) != 0 ||
        std::memcmp(slopes.data(), again.data(), slopes.size() * sizeof(double)) != 0)
      return std::printf("%s: outputs or slopes have other bits beside the second derivatives\n", argv[k]), 1;
    std::FILE* file = std::fopen(argv[k + 2], "wb");
    if (!file || std::fwrite(together.data(), sizeof(double), together.size(), file) != together.size()) return 1;
    if (std::fwrite(slopes.data(), sizeof(double), slopes.size(), file) != slopes.size()) return 1;
    if (std::fwrite(curvatures.data(), sizeof(double), curvatures.size(), file) != curvatures.size()) return 1;
    std::fclose(file);
  }
}
