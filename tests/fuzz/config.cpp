// Bytes as a config file: parse_config either makes a config or throws Error (usage). Lines
// "#--set path=value" are overrides too.
#include "jetpinn/config/config.hpp"

#include "fuzz/expect.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace jetpinn;

namespace {

std::vector<std::string> overrides_in(const std::string& text) {
  const std::string mark = "#--set ";
  constexpr std::size_t most = 16;
  std::vector<std::string> overrides;
  for (std::size_t begin = 0; begin < text.size() && overrides.size() < most;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (text.compare(begin, mark.size(), mark) == 0)
      overrides.push_back(text.substr(begin + mark.size(), end - begin - mark.size()));
    begin = end + 1;
  }
  return overrides;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  fuzz::usage_errors_only([&] {
    const Config config = parse_config(text, "fuzz.toml", overrides_in(text));
    // What a run folder keeps reads back as the same config.
    const Config again = parse_config(config.resolved, "fuzz.toml", {});
    fuzz::expect(again.resolved == config.resolved, "the resolved config reads back differently");
    fuzz::expect(matters(config, again).empty(), "a config differs from itself");
  });
  return 0;
}
