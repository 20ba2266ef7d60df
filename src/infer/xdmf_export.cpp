#include "jetpinn/infer/xdmf_export.hpp"

#include "jetpinn/infer/vtk_export.hpp"
#include "jetpinn/io/vtk_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <optional>
#include <utility>

namespace jetpinn {
namespace {

using Shape = std::vector<std::int64_t>;  // from the slowest axis to the fastest

// Rows of a table that make one grid: first, first + stride, ...
struct Rows {
  std::int64_t first = 0, stride = 1;
  Shape shape;
  std::int64_t count() const { return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()); }
};

bool several(const VtkSource& source, std::size_t first_axis, std::size_t last_axis) {
  const auto begin = source.grid->axes.begin();
  return std::any_of(begin + static_cast<std::ptrdiff_t>(first_axis), begin + static_cast<std::ptrdiff_t>(last_axis),
                     [](const GridAxis& axis) { return axis.count > 1; });
}

bool slowest(const VtkSource& source, int axis) { return !several(source, 0, static_cast<std::size_t>(axis)); }
bool fastest(const VtkSource& source, int axis) {
  return !several(source, static_cast<std::size_t>(axis) + 1, source.grid->axes.size());
}

// The rows of one time are evenly spaced where the time is the slowest axis or the fastest.
Rows rows_of_frame(const VtkSource& source, const VtkLayout& layout, std::int64_t frame, Shape shape) {
  Rows rows{0, 1, std::move(shape)};
  if (layout.frames < 0) return rows;
  const bool together = slowest(source, layout.frames);
  rows.first = together ? frame * rows.count() : frame;
  rows.stride = together ? 1 : source.axis(layout.frames).count;
  return rows;
}

// A film of lines says less than the plane of space and time, and fewer programs read it. Nothing: no text can.
std::optional<VtkKind> kind_of(const VtkSource& source) {
  const std::vector<VtkKind> kinds = vtk_kinds(source);
  if (kinds.empty()) return {};
  if (kinds.back() != VtkKind::film) return kinds.back();
  const int time = vtk_layout(source, VtkKind::film).frames;
  if (slowest(source, time) || fastest(source, time)) return VtkKind::film;
  if (vtk_obstacle(source, VtkKind::image).empty()) return VtkKind::image;
  return {};
}

// Whether the table has x fastest, then y, then z, and all go up.
bool is_uniform(const VtkSource& source, const VtkLayout& layout) {
  int slower = static_cast<int>(source.grid->axes.size());
  for (int a : layout.along) {
    if (source.axis(a).count == 1) continue;
    if (a >= slower || source.axis(a).last < source.axis(a).first) return false;
    slower = a;
  }
  return true;
}

// [3] of a grid in the order of its table.
Shape table_shape(const VtkSource& source, std::vector<int> axes) {
  std::sort(axes.begin(), axes.end());
  Shape shape(3 - axes.size(), 1);
  for (int a : axes) shape.push_back(source.axis(a).count);
  return shape;
}

class Xdmf {
 public:
  Xdmf(const VtkSource& source, const std::string& file) : source_(source), file_(xml_escaped(file)) {}

  std::string cloud() const {
    const Rows rows{0, 1, {source_.rows}};
    std::vector<std::string> arrays = source_.coordinates;
    arrays.insert(arrays.end(), source_.quantities.begin(), source_.quantities.end());
    return grid("cloud", "",
                fmt::format("TopologyType=\"Polyvertex\" NumberOfElements=\"{}\" NodesPerElement=\"1\"", source_.rows),
                places(rows, cloud_axes(source_)), arrays, rows);
  }

  std::string image(const VtkLayout& layout, std::int64_t frame) const {
    const bool uniform = is_uniform(source_, layout);
    const VtkBox box = vtk_box(source_, layout);
    const Rows rows = rows_of_frame(
        source_, layout, frame, uniform ? Shape(box.count.rbegin(), box.count.rend()) : table_shape(source_, layout.along));
    std::string geometry;
    if (uniform) {
      geometry = fmt::format("      <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n{}{}      </Geometry>\n", numbers(box.origin),
                             numbers(box.spacing));
    } else {
      std::vector<int> coordinates;
      for (int a : layout.along) coordinates.push_back(source_.axis(a).coordinate);
      geometry = places(rows, coordinates);
    }
    return grid(layout.frames < 0 ? "grid" : fmt::format("{:06d}", frame), fixed(layout, frame),
                fmt::format("TopologyType=\"{}\" Dimensions=\"{}\"", uniform ? "3DCoRectMesh" : "3DSMesh",
                            fmt::join(rows.shape, " ")),
                geometry, source_.quantities, rows);
  }

 private:
  std::string dataset(const std::string& name, const Shape& shape) const {
    return fmt::format(
        "        <DataItem Dimensions=\"{}\" NumberType=\"Float\" Precision=\"8\" Format=\"HDF\">{}:/{}</DataItem>\n",
        fmt::join(shape, " "), file_, xml_escaped(name));
  }

  // Whole datasets are named in the shape of the grid: more programs read them than hyperslabs.
  std::string values(const std::string& name, const Rows& rows) const {
    if (rows.count() == source_.rows) return dataset(name, rows.shape);
    return fmt::format(
        "        <DataItem ItemType=\"HyperSlab\" Dimensions=\"{}\">\n"
        "        <DataItem Dimensions=\"3 1\" NumberType=\"Int\" Format=\"XML\">{} {} {}</DataItem>\n{}        "
        "</DataItem>\n",
        fmt::join(rows.shape, " "), rows.first, rows.stride, rows.count(), dataset(name, {source_.rows}));
  }

  static std::string numbers(const std::array<double, 3>& xyz) {
    return fmt::format(
        "        <DataItem Dimensions=\"3\" NumberType=\"Float\" Precision=\"8\" Format=\"XML\">{} {} {}"
        "</DataItem>\n",
        xyz[2], xyz[1], xyz[0]);
  }

  // x, y and z from columns of coordinates; where there are fewer, zero times the first one. X_Y would do for two, but
  // ParaView's Xdmf3ReaderS dies of it.
  std::string places(const Rows& rows, const std::vector<int>& coordinates) const {
    std::string text = "      <Geometry GeometryType=\"X_Y_Z\">\n";
    for (std::size_t k = 0; k < 3; ++k) {
      const bool there = k < coordinates.size();
      const std::string column = values(source_.coordinates[static_cast<std::size_t>(coordinates[there ? k : 0])], rows);
      text += there ? column
                    : fmt::format(
                          "        <DataItem ItemType=\"Function\" Function=\"0*$0\" Dimensions=\"{}\">\n{}"
                          "        </DataItem>\n",
                          fmt::join(rows.shape, " "), column);
    }
    return text + "      </Geometry>\n";
  }

  std::string fixed(const VtkLayout& layout, std::int64_t frame) const {
    std::string text;
    for (const auto& [coordinate, value] : fixed_coordinates(source_, layout, frame)) {
      text += fmt::format("      <Information Name=\"{}\" Value=\"{}\"/>\n",
                          xml_escaped(source_.coordinates[static_cast<std::size_t>(coordinate)]), value);
      if (coordinate == source_.time) text += fmt::format("      <Time Value=\"{}\"/>\n", value);
    }
    return text;
  }

  std::string grid(const std::string& name, const std::string& fixed, const std::string& topology,
                   const std::string& geometry, const std::vector<std::string>& arrays, const Rows& rows) const {
    std::string text = fmt::format("    <Grid Name=\"{}\" GridType=\"Uniform\">\n{}      <Topology {}/>\n{}", name, fixed,
                                   topology, geometry);
    for (const std::string& array : arrays)
      text += fmt::format("      <Attribute Name=\"{}\" AttributeType=\"Scalar\" Center=\"Node\">\n{}      </Attribute>\n",
                          xml_escaped(array), values(array, rows));
    return text + "    </Grid>\n";
  }

  const VtkSource& source_;
  std::string file_;
};

// Readers want times that go up.
std::string film(const VtkSource& source, const Xdmf& xdmf) {
  const VtkLayout layout = vtk_layout(source, VtkKind::film);
  const GridAxis& times = source.axis(layout.frames);
  std::string text = "    <Grid Name=\"film\" GridType=\"Collection\" CollectionType=\"Temporal\">\n";
  for (std::int64_t i = 0; i < times.count; ++i)
    text += xdmf.image(layout, times.last < times.first ? times.count - 1 - i : i);
  return text + "    </Grid>\n";
}

}  // namespace

std::string xdmf_obstacle(const VtkSource& source, const std::string& file) {
  if (vtk_kinds(source).empty()) return vtk_obstacle(source, source.grid ? VtkKind::image : VtkKind::cloud);
  if (!kind_of(source)) return "their time is neither the first nor the last axis of the grid";
  if (file.find_first_of(":|") != std::string::npos) return "the name '" + file + "' holds a sign that XDMF gives a meaning";
  for (const std::string& name : source.quantities)
    if (name.find('|') != std::string::npos)
      return "XDMF gives the '|' in the name '" + name + "' another meaning; name that quantity, as in either = " + name;
  return {};
}

std::string xdmf_text(const VtkSource& source, const std::string& file) {
  const Xdmf xdmf(source, file);
  const VtkKind kind = kind_of(source).value();
  return fmt::format("{}\n{}\n<Xdmf Version=\"3.0\">\n  <Domain>\n{}  </Domain>\n</Xdmf>\n", vtk_declaration,
                     vtk_mark_line(source.mark),
                     kind == VtkKind::cloud  ? xdmf.cloud()
                     : kind == VtkKind::film ? film(source, xdmf)
                                             : xdmf.image(vtk_layout(source, VtkKind::image), 0));
}

}  // namespace jetpinn
