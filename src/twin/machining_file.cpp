#include "jetpinn/twin/machining_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/io/table_mark.hpp"
#include "jetpinn/twin/machining_rows.hpp"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <vector>

namespace jetpinn {
namespace {

std::unique_ptr<PointTableWriter> open_table(const std::string& path, std::int64_t rows, const std::string& mark) {
  require_own_table(path, "sample", mark);
  const std::vector<DescribedColumn> columns = machining_table();
  require_space(path, rows, static_cast<double>(columns.size()));
  std::vector<std::string> names;
  for (const DescribedColumn& column : columns) names.push_back(column.name);
  auto table = std::make_unique<PointTableWriter>(
      path, names, rows,
      std::map<std::string, std::string>{{"program", std::string("jetpinn ") + version}, {"sample", mark}}, Status::usage);
  for (const DescribedColumn& column : columns) {
    table->file().attribute(column.name, "unit", column.unit);
    table->file().attribute(column.name, "description", column.description);
    if (!column.ranged) continue;
    table->file().attribute(column.name, "low", column.low);
    table->file().attribute(column.name, "high", column.high);
  }
  return table;
}

}  // namespace

void write_machining(Communicator& communicator, const std::string& path, std::int64_t rows, std::uint64_t seed,
                     const RowWatch& watch) {
  std::unique_ptr<PointTableWriter> table;  // rank 0
  communicator.agree("sample", [&] {
    if (communicator.root()) table = open_table(path, rows, fmt::format("machining --count {} --seed {}", rows, seed));
  });
  MachiningRows source(seed);
  write_rows_of_ranks(
      communicator, "sample", table.get(), rows, static_cast<std::int64_t>(machining_table().size()),
      [&](std::int64_t first, std::int64_t count) { return source.make(first, count); }, watch);
  communicator.agree("sample", [&] {
    if (communicator.root()) table->finish();
  });
}

}  // namespace jetpinn
