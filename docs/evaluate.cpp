// Evaluates a network that `jetpinn export` wrote: evaluate F.jpn t=0.5 x=0.1
#include "jetpinn/edge/network.hpp"

#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: evaluate F.jpn NAME=VALUE ...\n"), 2;
  jetpinn::edge::Network network;
  const std::string trouble = network.read(argv[1]);
  if (!trouble.empty()) return std::fprintf(stderr, "%s: %s\n", argv[1], trouble.c_str()), 2;

  std::vector<double> inputs(network.inputs().size()), outputs(network.outputs().size());
  for (std::size_t d = 0; d < inputs.size(); ++d) {
    const std::string start = network.inputs()[d] + "=";
    const char* value = nullptr;
    for (int k = 2; k < argc; ++k)
      if (std::string(argv[k]).compare(0, start.size(), start) == 0) value = argv[k] + start.size();
    if (!value) return std::fprintf(stderr, "%s is not given, as in %s0.5\n", network.inputs()[d].c_str(), start.c_str()), 2;
    inputs[d] = std::strtod(value, nullptr);
  }
  network.evaluate(inputs.data(), outputs.data());
  for (std::size_t f = 0; f < outputs.size(); ++f) std::printf("%s %.17g\n", network.outputs()[f].c_str(), outputs[f]);
}
