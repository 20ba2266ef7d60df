#include "jetpinn/train/points_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/train/term_points.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace jetpinn {
namespace {

// The points of one term as rows.
class TermRows {
 public:
  TermRows(const Assembly& assembly, std::size_t term)
      : names_(assembly.problem->symbols.coordinates),
        dimensions_(assembly.problem->dimensions()),
        source_(term_source(assembly, term, 0)),
        columns_(source_->columns()),
        faces_(is_stored(assembly, term) ? std::nullopt
                                         : face_columns(*assembly.problem, assembly.problem->terms[term].region)),
        reads_(assembly.problem->terms[term].reads),
        time_(assembly.problem->symbols.time) {
    const std::vector<std::string> inputs = names_;
    if (faces_) {
      names_.insert(names_.end(), faces_->names.begin() + 1, faces_->names.end());
      names_.push_back("patch");
    }
    choose_attributes(is_stored(assembly, term));
    for (const int k : attributes_) names_.push_back(columns_.attributes[static_cast<std::size_t>(k)]);
    if (!is_stored(assembly, term) && !reads_.distance) distance_ = domain_distance(*assembly.problem);
    if (distance_) names_.push_back(distance_->names[0]);
    if (columns_.quadrature) names_.emplace_back("quadrature_weight");
    if (columns_.second)
      for (const std::string& name : inputs) names_.push_back("other_" + name);
    names_.insert(names_.end(), columns_.data.begin(), columns_.data.end());
  }

  const std::vector<std::string>& names() const { return names_; }
  std::int64_t count() const { return source_->count(); }

  std::vector<double> make(std::int64_t first, std::int64_t count) const {
    TermPoints points = make_room(dimensions_, columns_, source_->count(),
                                  make_point_batch(dimensions_, first, count, source_->count()).blocks);
    if (count > 0) source_->fill(points);
    const std::vector<double> normals = faces_ ? normals_of(points) : std::vector<double>();
    const std::vector<double> distances = distance_ ? made(*distance_, points).attributes : std::vector<double>();
    std::vector<double> rows;
    const auto append = [&](const std::vector<double>& values, int begin, int end, std::int64_t i) {
      for (std::int64_t c = begin; c < end; ++c) rows.push_back(values[static_cast<std::size_t>(c * count + i)]);
    };
    for (std::int64_t i = 0; i < count; ++i) {
      append(points.coordinates, 0, dimensions_, i);
      if (faces_) {
        append(normals, 0, static_cast<int>(faces_->axes.size()), i);
        rows.push_back(static_cast<double>(source_->part_of(first + i)));
      }
      for (const int k : attributes_) append(points.attributes, k, k + 1, i);
      if (distance_) rows.push_back(distances[static_cast<std::size_t>(i)]);
      if (columns_.quadrature) rows.push_back(points.quadrature_at(i) / static_cast<double>(points.global_count));
      if (columns_.second) append(points.second, 0, dimensions_, i);
      append(points.data, 0, points.data_columns, i);
    }
    return rows;
  }

 private:
  // Normals of faces are written anyway, those of a table where the term reads them; a column of data is there by itself.
  void choose_attributes(bool stored) {
    const int normal_end = stored && reads_.normal ? static_cast<int>(columns_.attributes.size()) : 1;
    for (int k = 1; k < normal_end; ++k) attributes_.push_back(k);
    if (reads_.distance) attributes_.push_back(0);
    std::erase_if(attributes_, [&](int k) {
      const std::string& name = columns_.attributes[static_cast<std::size_t>(k)];
      return std::find(columns_.data.begin(), columns_.data.end(), name) != columns_.data.end();
    });
  }

  // [axes of the faces, points] Those that the term reads came with its points, behind the distance, and are 0 along the
  // time.
  std::vector<double> normals_of(const TermPoints& points) const {
    if (!reads_.normal) return made_normals(points);
    const std::int64_t count = points.local_count;
    const auto begin = points.attributes.begin();
    const auto space = static_cast<std::int64_t>(faces_->axes.size()) - (time_ >= 0 ? 1 : 0);
    std::vector<double> normals(begin + count, begin + (1 + space) * count);
    if (time_ >= 0) normals.insert(normals.begin() + time_ * count, static_cast<std::size_t>(count), 0.0);
    return normals;
  }

  // The attributes of the same points are the columns of the faces.
  std::vector<double> made_normals(const TermPoints& points) const {
    const TermPoints placed = made(*faces_, points);
    return {placed.attributes.begin() + points.local_count, placed.attributes.end()};
  }

  // The same points with the columns of `place` as their attributes.
  TermPoints made(const PlaceColumns& place, const TermPoints& points) const {
    SourceColumns columns;
    columns.attributes = place.names;
    TermPoints placed = make_room(dimensions_, columns, points.global_count, points.blocks);
    placed.coordinates = points.coordinates;
    place.fill(placed, [this](std::int64_t point) { return source_->part_of(point); });
    return placed;
  }

  std::vector<std::string> names_;
  int dimensions_;
  std::unique_ptr<PointSource> source_;
  SourceColumns columns_;
  std::optional<PlaceColumns> faces_;  // nothing: the term has points elsewhere too
  std::optional<PlaceColumns> distance_;  // that the term does not read, to the border of a domain of shapes
  PlaceReads reads_;                   // of the term
  std::vector<int> attributes_;        // columns of attributes that are written by themselves
  int time_;
};

// The terms to be written: all, or the one of this name.
std::vector<std::size_t> chosen_terms(const Problem& problem, const std::string& name) {
  std::vector<std::size_t> chosen;
  std::vector<std::string> names;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    names.push_back(problem.terms[t].name);
    if (name.empty() || names.back() == name) chosen.push_back(t);
  }
  if (!chosen.empty()) return chosen;
  std::string list;
  for (const std::string& known : names) list += (list.empty() ? "" : ", ") + known;
  const std::string nearest = nearest_name(name, names);
  throw Error(Status::usage, "--term '" + name + "' is not a term; " +
                                 (nearest.empty() ? "there is " + list : "did you mean '" + nearest + "'?"));
}

}  // namespace

std::int64_t write_points(Communicator& communicator, const Assembly& assembly, const std::string& term,
                          const std::string& path, const std::map<std::string, std::string>& attributes,
                          const RowWatch& watch) {
  std::vector<TermRows> terms;
  std::vector<std::string> groups;
  std::unique_ptr<hdf5::OutputFile> file;  // rank 0, as the writers
  std::vector<std::unique_ptr<PointGroupWriter>> writers;
  std::int64_t written = 0;
  communicator.agree("sample", [&] {
    double numbers = 0;
    for (const std::size_t t : chosen_terms(*assembly.problem, term)) {
      groups.push_back(term.empty() ? assembly.problem->terms[t].name : "");
      terms.emplace_back(assembly, t);
      written += terms.back().count();
      numbers += static_cast<double>(terms.back().count()) * static_cast<double>(terms.back().names().size());
    }
    if (!communicator.root()) return;
    require_space(path, written, numbers / static_cast<double>(written));
    file = std::make_unique<hdf5::OutputFile>(path, Status::usage);
    for (const auto& [name, text] : attributes) file->attribute("/", name, text);
    for (std::size_t k = 0; k < terms.size(); ++k)
      writers.push_back(std::make_unique<PointGroupWriter>(*file, groups[k], terms[k].names(), terms[k].count()));
  });
  for (std::size_t k = 0; k < terms.size(); ++k)
    write_rows_of_ranks(
        communicator, "sample", communicator.root() ? writers[k].get() : nullptr, terms[k].count(),
        static_cast<std::int64_t>(terms[k].names().size()),
        [&](std::int64_t first, std::int64_t count) { return terms[k].make(first, count); }, watch);
  communicator.agree("sample", [&] {
    if (communicator.root()) file->commit();
  });
  return written;
}

}  // namespace jetpinn
