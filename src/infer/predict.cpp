#include "jetpinn/infer/predict.hpp"

#include "jetpinn/base/version.hpp"
#include "jetpinn/infer/grid.hpp"
#include "jetpinn/infer/parameter_values.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/infer/prediction_files.hpp"
#include "jetpinn/infer/xdmf_export.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/csv_table.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/io/rows_of_ranks.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>

namespace jetpinn {
namespace {

// Where points come from: rows of a file or of a grid.
class PredictionPoints {
 public:
  PredictionPoints(const PredictOptions& options, const SymbolTable& symbols)
      : names_(symbols.coordinates), held_(parse_parameter_values(options.at, symbols)) {
    if (options.points_file.empty() == options.grid.empty())
      throw Error(Status::usage, std::string(options.grid.empty() ? "no points are" : "both --points and --grid are") +
                                     " given; name either --points FILE.h5 or --grid t=0:1:101,x=-1:1:201");
    if (!options.grid.empty())
      grid_ = parse_grid(options.grid, symbols.coordinates, symbols.constants, held_, symbols.parameters);
    else
      open_table(options.points_file, symbols);
    if (rows() == 0) throw Error(Status::usage, options.points_file + " holds no points");
  }
  std::int64_t rows() const { return grid_ ? grid_->rows() : table_->rows(); }
  const PointGrid* grid() const { return grid_ ? &*grid_ : nullptr; }

  void read(std::int64_t first, std::int64_t count, double* out) const {
    if (grid_) return grid_->generate(first, count, out, count);
    for (std::size_t d = 0; d < names_.size(); ++d) {
      double* column = out + static_cast<std::int64_t>(d) * count;
      if (const double* value = held_value(held_, static_cast<int>(d)))
        std::fill_n(column, count, *value);
      else
        table_->read(names_[d], first, count, column);
    }
  }

 private:
  void open_table(const std::string& file, const SymbolTable& symbols) {
    table_ = open_row_table(file);
    check_inputs(*table_, symbols, held_);
    for (const GridAxis& axis : held_)
      if (const std::string& name = names_[static_cast<std::size_t>(axis.coordinate)]; table_->has(name))
        throw Error(Status::usage, "the parameter '" + name + "' is given twice, by --at and as a column of " + file +
                                       "; leave --at out, or the column");
  }

  std::vector<std::string> names_;
  std::vector<GridAxis> held_;  // inputs of one value that the table does not have
  std::optional<PointGrid> grid_;
  std::unique_ptr<RowTable> table_;
};

// The quantities as one engine term; names of coordinates are left out, for they are written anyway.
struct Quantities {
  std::vector<std::string> names;         // of datasets
  std::vector<std::string> expressions;   // "u_x/u", without a name; of a vector, which of its components
  std::vector<std::string> written;       // as they are asked for, a vector once
  EngineTerm term;

  // A vector v gives the datasets v_1, v_2, ...
  void add(const std::vector<NodeId>& components, const std::string& name, const std::string& expression,
           const std::string& asked) {
    written.push_back((name == dataset_name(expression) ? "" : name + " = ") + expression);
    const bool vector = components.size() > 1;
    for (std::size_t k = 0; k < components.size(); ++k) {
      const std::string place = std::to_string(k + 1);
      names.push_back(vector ? name + "_" + place : name);
      expressions.push_back(vector ? "component " + place + " of " + expression : expression);
      term.residuals.push_back(components[k]);
      if (std::count(names.begin(), names.end(), names.back()) > 1)
        throw Error(Status::usage, "--quantities: '" + asked + "' is given twice; name every quantity once");
    }
  }
};

// "speed = sqrt(u^2 + v^2)" is a name and an expression; "u == v" and "a <= b" are expressions.
std::size_t name_end(const std::string& text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == '[') ++depth;
    if (text[i] == ')' || text[i] == ']') --depth;
    const bool compares =
        (i + 1 < text.size() && text[i + 1] == '=') || (i > 0 && std::string("=<>!").find(text[i - 1]) != std::string::npos);
    if (text[i] == '=' && depth == 0 && !compares) return i;
  }
  return std::string::npos;
}

// A name joins the definitions, so later quantities may use it, and it keeps their rules.
std::string declare_name(Problem& problem, const std::string& text, std::size_t end, const std::string& expression) {
  std::string name = text.substr(0, end);
  name.erase(name.find_last_not_of(' ') + 1);
  SymbolTable symbols = problem.symbols;
  if (symbols.definitions.count(name))
    throw Error(Status::usage,
                "--quantities '" + text + "': the name '" + name + "' is a definition already; choose another");
  symbols.definitions[name] = expression;
  try {
    check_names(symbols);
  } catch (const ExpressionError& error) {
    throw Error(Status::usage, "--quantities '" + text + "': " + error.what());
  }
  problem.symbols = std::move(symbols);
  return name;
}

Quantities parse_quantities(Problem& problem, const std::string& text) {
  Quantities quantities;
  const auto coordinates = problem.symbols.coordinates;
  const std::vector<std::string> texts = text.empty() ? problem.symbols.fields : split_list(text, "--quantities");
  for (const std::string& quantity : texts) {
    const std::size_t sign = name_end(quantity);
    SourceText place;
    place.key = "--quantities";
    place.text = quantity;
    if (sign != std::string::npos)
      place.text = quantity.substr(std::min(quantity.find_first_not_of(' ', sign + 1), quantity.size()));
    const std::vector<NodeId> value = parse_quantity(problem, place);
    const std::string name =
        sign == std::string::npos ? dataset_name(quantity) : declare_name(problem, quantity, sign, place.text);
    if (std::find(coordinates.begin(), coordinates.end(), name) != coordinates.end()) continue;
    quantities.add(value, name, place.text, quantity);
  }
  quantities.term.name = "quantities";
  quantities.term.graph = &problem.graph;
  quantities.term.program =
      compile_term(problem.graph, quantities.term.residuals, problem.dimensions(), problem.fields(), problem.groups());
  return quantities;
}

// Row-major [count, columns] of coordinates and quantities: consecutive ranks' rows can be joined end to end.
std::vector<double> compute_rows(Engine* engine, const PredictionPoints& source, const double* parameters, int dimensions,
                                 int quantities, std::int64_t first, std::int64_t count) {
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

// Points outside the domain, where nothing trained the network. Borders have room for the rounding of single precision.
struct Outside {
  std::int64_t count = 0, first = std::numeric_limits<std::int64_t>::max();   // row

  void account(const Problem& problem, const std::vector<double>& rows, std::int64_t columns, std::int64_t first_row) {
    for (std::size_t i = 0; i * static_cast<std::size_t>(columns) < rows.size(); ++i) {
      const double* place = rows.data() + i * static_cast<std::size_t>(columns);
      bool inside = true;
      for (std::size_t d = 0; d < problem.lower.size(); ++d) {
        const double room = 1e-6 * (problem.upper[d] - problem.lower[d]);
        inside = inside && place[d] >= problem.lower[d] - room && place[d] <= problem.upper[d] + room;
      }
      if (inside) continue;
      ++count;
      first = std::min(first, first_row + static_cast<std::int64_t>(i));
    }
  }
};

std::string place_text(const PredictionPoints& source, const SymbolTable& symbols, std::int64_t row) {
  std::vector<double> place(symbols.coordinates.size());
  source.read(row, 1, place.data());
  std::string text;
  for (std::size_t d = 0; d < place.size(); ++d)
    text += fmt::format("{}{} = {:g}", d == 0 ? "" : ", ", symbols.coordinates[d], place[d]);
  return text;
}

// The same prediction has the same mark: what was asked for, and of which run. Paths are as seen from the output's folder.
std::string mark_of(const PredictOptions& options, const Quantities& quantities) {
  const std::filesystem::path folder = std::filesystem::path(options.output).parent_path();
  const auto seen = [&](const std::string& path) {
    std::error_code trouble;
    const auto relative = std::filesystem::relative(path, folder.empty() ? "." : folder, trouble);
    return trouble || relative.empty() ? path : relative.string();
  };
  std::string mark = seen(options.run);
  for (const std::string& set : options.sets) mark += " --set " + set;
  const auto without_blanks = [](std::string text) {
    text.erase(std::remove_if(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c); }), text.end());
    return text;
  };
  mark += options.grid.empty() ? " --points " + seen(options.points_file) : " --grid " + without_blanks(options.grid);
  if (!options.at.empty()) mark += " --at " + without_blanks(options.at);
  mark += " --quantities ";
  for (std::size_t q = 0; q < quantities.written.size(); ++q) mark += (q == 0 ? "" : ", ") + quantities.written[q];
  std::replace(mark.begin(), mark.end(), '\n', ' ');
  return mark;
}

// The files of a prediction on rank 0: a table is written as rows come, VTK's files are made of it.
class Outputs {
 public:
  Outputs(const PredictOptions& options, const Problem& problem, const PredictionPoints& points,
          const Quantities& quantities) {
    source_.rows = points.rows();
    source_.coordinates = problem.symbols.coordinates;
    source_.time = problem.symbols.time;
    source_.parameters = problem.symbols.parameters;
    source_.quantities = quantities.names;
    source_.grid = points.grid();
    source_.mark = mark_of(options, quantities);
    files_ = options.beside ? files_beside(options.output, source_) : files_for(options.output, source_);
    if (options.beside) note_ = missing_files_sentence(options.output, source_);
  }

  const std::string& note() const { return note_; }
  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const PredictionFile& file : files_) paths.push_back(file.path);
    return paths;
  }

  void open(const PredictOptions& options, const PredictionPoints& points, const Quantities& quantities) {
    std::vector<MarkRow> rows;
    for (std::int64_t row : {std::int64_t{0}, std::int64_t{1}, source_.rows / 2, source_.rows - 1}) {
      if (row >= source_.rows) continue;
      rows.push_back({row, std::vector<double>(source_.coordinates.size())});
      points.read(row, 1, rows.back().coordinates.data());
    }
    for (const PredictionFile& file : files_) require_own(file, source_, rows);
    std::vector<std::string> columns = source_.coordinates;
    columns.insert(columns.end(), source_.quantities.begin(), source_.quantities.end());
    const PredictionFile& first = files_[0];
    const bool made = first.kind == PredictionFile::Kind::vtk;   // of a table that does not stay
    const auto with_values = std::count_if(files_.begin(), files_.end(), [](const PredictionFile& file) {
      return file.kind != PredictionFile::Kind::xdmf;
    });
    // Each file holds all values again; one that is made of a table needs that too.
    require_space(first.path, source_.rows, static_cast<double>(columns.size()) * static_cast<double>(with_values + made));
    if (first.kind == PredictionFile::Kind::csv) {
      writer_ = std::make_unique<CsvTableWriter>(first.path, columns, Status::usage);
      return;
    }
    source_.table = made ? first.path + ".table-" + std::to_string(::getpid()) : first.path;
    if (made) passing_ = source_.table;
    auto table = std::make_unique<PointTableWriter>(source_.table, columns, source_.rows,
                                                    std::map<std::string, std::string>(), Status::usage);
    describe(table->file(), options, quantities);
    writer_ = std::move(table);
  }
  ~Outputs() {
    std::error_code trouble;
    if (!passing_.empty()) std::filesystem::remove(passing_, trouble);
  }

  TableWriter& writer() { return *writer_; }

  // A text of XDMF that is there names a table that is whole: an old one goes before its table, the new one comes after it.
  void finish() {
    std::error_code trouble;
    for (const PredictionFile& file : files_)
      if (file.kind == PredictionFile::Kind::xdmf) std::filesystem::remove(file.path, trouble);
    writer_->finish();
    for (const PredictionFile& file : files_) {
      if (file.kind == PredictionFile::Kind::vtk) write_vtk(source_, file.vtk, file.path);
      if (file.kind == PredictionFile::Kind::xdmf)
        write_text_file(file.path, xdmf_text(source_, std::filesystem::path(files_[0].path).filename().string()));
    }
  }

 private:
  void describe(hdf5::OutputFile& file, const PredictOptions& options, const Quantities& quantities) const {
    file.attribute("/", "program", std::string("jetpinn ") + version);
    file.attribute("/", "prediction", source_.mark);
    file.attribute("/", "parameters", std::filesystem::path(options.parameters).filename().string());
    if (options.step >= 0) file.attribute("/", "step", static_cast<double>(options.step));
    if (source_.grid) {
      std::vector<std::string> axes;
      std::vector<std::int64_t> shape;
      for (const GridAxis& axis : source_.grid->axes) {
        axes.push_back(source_.coordinates[static_cast<std::size_t>(axis.coordinate)]);
        shape.push_back(axis.count);
      }
      file.attribute("/", "axes", axes);
      file.attribute("/", "shape", shape);
    }
    for (std::size_t q = 0; q < quantities.names.size(); ++q)
      file.attribute(quantities.names[q], "expression", quantities.expressions[q]);
  }

  VtkSource source_;
  std::vector<PredictionFile> files_;
  std::string note_, passing_;
  std::unique_ptr<TableWriter> writer_;
};

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
  std::optional<PredictionPoints> source;
  std::optional<Outputs> outputs;   // rank 0 writes
  std::unique_ptr<Engine> engine;
  Quantities quantities;
  communicator.agree("predict", [&] {
    source.emplace(options, problem.symbols);
    quantities = parse_quantities(problem, options.quantities);
    outputs.emplace(options, problem, *source, quantities);
    result.rows = source->rows();
    result.datasets = problem.symbols.coordinates;
    result.datasets.insert(result.datasets.end(), quantities.names.begin(), quantities.names.end());
    result.files = outputs->paths();
    result.note = outputs->note();
    if (communicator.root()) outputs->open(options, *source, quantities);
  });
  if (!quantities.names.empty()) engine = make_engine(options.engine, network, {quantities.term});

  Outside outside;   // rank-local
  const std::int64_t columns = static_cast<std::int64_t>(result.datasets.size());
  const auto make = [&](std::int64_t first, std::int64_t count) {
    std::vector<double> rows = compute_rows(engine.get(), *source, parameters, dimensions,
                                            static_cast<int>(quantities.names.size()), first, count);
    outside.account(problem, rows, columns, first);
    return rows;
  };
  TableWriter* writer = communicator.root() ? &outputs->writer() : nullptr;
  write_rows_of_ranks(communicator, "predict", writer, result.rows, columns, make);

  communicator.agree("predict", [&] {
    if (communicator.root()) outputs->finish();
  });
  communicator.sum("predict", &(result.outside = outside.count), 1);
  double nearest = -static_cast<double>(outside.first);
  communicator.max("predict", &nearest, 1);
  if (result.outside > 0) result.first_outside = place_text(*source, problem.symbols, static_cast<std::int64_t>(-nearest));
  return result;
}

}  // namespace jetpinn
