#include "jetpinn/infer/predict.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/infer/grid.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/infer/xdmf.hpp"
#include "jetpinn/io/point_table.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

namespace jetpinn {
namespace {

// Where points come from: rows of a file or of a grid.
class PointSource {
 public:
  PointSource(const PredictOptions& options, const SymbolTable& symbols) : names_(symbols.coordinates) {
    if (options.points_file.empty() == options.grid.empty())
      throw Error(Status::usage, std::string(options.grid.empty() ? "no points are" : "both --points and --grid are") +
                                     " given; name either --points FILE.h5 or --grid t=0:1:101,x=-1:1:201");
    if (!options.grid.empty()) grid_ = parse_grid(options.grid, symbols.coordinates, symbols.constants);
    else table_.emplace(options.points_file, symbols.coordinates);
    if (rows() == 0) throw Error(Status::usage, options.points_file + " holds no points");
  }
  std::int64_t rows() const { return grid_ ? grid_->rows() : table_->rows(); }
  const PointGrid* grid() const { return grid_ ? &*grid_ : nullptr; }

  void read(std::int64_t first, std::int64_t count, double* out) const {
    if (grid_) return grid_->generate(first, count, out, count);
    for (std::size_t d = 0; d < names_.size(); ++d) table_->read(names_[d], first, count, out + static_cast<std::int64_t>(d) * count);
  }

 private:
  std::vector<std::string> names_;
  std::optional<PointGrid> grid_;
  std::optional<PointTableReader> table_;
};

// The quantities as one engine term; names of coordinates are left out, for they are written anyway.
struct Quantities {
  std::vector<std::string> names;
  EngineTerm term;
};

Quantities parse_quantities(Problem& problem, const std::string& text) {
  Quantities quantities;
  const auto& coordinates = problem.symbols.coordinates;
  const std::vector<std::string> texts = text.empty() ? problem.symbols.fields : split_list(text, "--quantities");
  for (const std::string& quantity : texts) {
    const std::string name = dataset_name(quantity);
    if (std::find(coordinates.begin(), coordinates.end(), name) != coordinates.end()) continue;
    if (std::find(quantities.names.begin(), quantities.names.end(), name) != quantities.names.end())
      throw Error(Status::usage, "--quantities: '" + quantity + "' is given twice; name every quantity once");
    SourceText place;
    place.text = quantity;
    place.key = "--quantities";
    quantities.names.push_back(name);
    quantities.term.residuals.push_back(parse_quantity(problem, place));
  }
  quantities.term.name = "quantities";
  quantities.term.graph = &problem.graph;
  quantities.term.program = compile_term(problem.graph, quantities.term.residuals, problem.dimensions(), problem.fields());
  return quantities;
}

// Rows that all ranks together work on at once: what rank 0 gathers stays small with many ranks too.
std::int64_t rows_per_rank(int ranks) {
  return std::clamp<std::int64_t>((std::int64_t{1} << 18) / ranks / block_points * block_points, block_points, 8192);
}

// Row-major [count, columns] of coordinates and quantities: consecutive ranks' rows can be joined end to end.
std::vector<double> compute_rows(Engine* engine, const PointSource& source, const double* parameters, int dimensions, int quantities,
                                 std::int64_t first, std::int64_t count) {
  TermPoints points = make_point_batch(dimensions, first, count, source.rows());
  source.read(first, count, points.coordinates.data());
  std::vector<double> values(static_cast<std::size_t>(quantities * count));
  if (engine && count > 0) engine->residuals(Stream{}, parameters, 0, points, values.data());
  const int columns = dimensions + quantities;
  std::vector<double> rows(static_cast<std::size_t>(columns * count));
  for (std::int64_t i = 0; i < count; ++i) {
    for (int d = 0; d < dimensions; ++d) rows[static_cast<std::size_t>(i * columns + d)] = points.coordinate(d)[i];
    for (int q = 0; q < quantities; ++q)
      rows[static_cast<std::size_t>(i * columns + dimensions + q)] = values[static_cast<std::size_t>(q * count + i)];
  }
  return rows;
}

void write_rows(PointTableWriter& writer, std::int64_t first, const std::vector<double>& rows, std::int64_t columns) {
  const std::int64_t count = static_cast<std::int64_t>(rows.size()) / columns;
  std::vector<double> transposed(rows.size());
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t c = 0; c < columns; ++c)
      transposed[static_cast<std::size_t>(c * count + i)] = rows[static_cast<std::size_t>(i * columns + c)];
  writer.write(first, count, transposed.data(), count);
}

// Hours of work must not end with a full disk.
void require_space(const std::string& output, std::int64_t rows, std::size_t columns) {
  std::filesystem::path folder = std::filesystem::path(output).parent_path();
  if (folder.empty()) folder = ".";
  std::error_code trouble;
  const auto space = std::filesystem::space(folder, trouble);
  const double bytes = static_cast<double>(rows) * static_cast<double>(columns) * sizeof(double);
  if (!trouble && bytes > static_cast<double>(space.available))
    throw Error(Status::usage, output + ": " + std::to_string(rows) + " points need more space than is left on the disk; take fewer " +
                                   "points, or another place with --file");
}

std::string xdmf_path(const std::string& output) { return std::filesystem::path(output).replace_extension(".xdmf").string(); }

}  // namespace

std::string dataset_name(const std::string& quantity) {
  std::string name;
  for (char c : quantity) name += c == '/' ? std::string("_over_") : std::string(1, c);
  return name;
}

Prediction predict(Communicator& communicator, Problem& problem, const Network& network, const double* parameters,
                   const PredictOptions& options) {
  const int dimensions = problem.dimensions();
  Prediction result;
  std::optional<PointSource> source;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<PointTableWriter> writer;   // rank 0
  Quantities quantities;
  communicator.agree("predict", [&] {
    source.emplace(options, problem.symbols);
    quantities = parse_quantities(problem, options.quantities);
    result.rows = source->rows();
    result.datasets = problem.symbols.coordinates;
    result.datasets.insert(result.datasets.end(), quantities.names.begin(), quantities.names.end());
    result.file = options.output;
    result.xdmf_file = xdmf_path(options.output);
    if (communicator.root()) require_space(options.output, result.rows, result.datasets.size());
    if (communicator.root())
      writer = std::make_unique<PointTableWriter>(options.output, result.datasets, result.rows,
                                                  std::map<std::string, std::string>{{"program", std::string("jetpinn ") + version}},
                                                  Status::usage);
  });
  if (!quantities.names.empty()) engine = make_engine(options.engine, network, {quantities.term});

  const std::int64_t columns = static_cast<std::int64_t>(result.datasets.size());
  const std::int64_t share = rows_per_rank(communicator.size());
  for (std::int64_t first = 0; first < result.rows; first += share * communicator.size()) {
    const std::int64_t begin = std::min(first + share * communicator.rank(), result.rows), end = std::min(begin + share, result.rows);
    std::vector<double> rows;
    communicator.agree("predict", [&] {
      rows = compute_rows(engine.get(), *source, parameters, dimensions, static_cast<int>(quantities.names.size()), begin, end - begin);
    });
    const std::vector<double> gathered = communicator.gather_rows("predict", rows);
    communicator.agree("predict", [&] {
      ScopedRegion region(Region::io);
      if (communicator.root()) write_rows(*writer, first, gathered, columns);
    });
  }

  communicator.agree("predict", [&] {
    if (!communicator.root()) return;
    writer->finish();
    XdmfPlan plan;
    plan.data_file = std::filesystem::path(options.output).filename().string();
    plan.rows = result.rows;
    plan.coordinates = problem.symbols.coordinates;
    plan.time = problem.symbols.time;
    plan.quantities = quantities.names;
    plan.grid = source->grid();
    write_text_file(result.xdmf_file, xdmf_text(plan));
  });
  return result;
}

}  // namespace jetpinn
