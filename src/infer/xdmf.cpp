#include "jetpinn/infer/xdmf.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jetpinn {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '&') result += "&amp;";
    else if (c == '<') result += "&lt;";
    else if (c == '>') result += "&gt;";
    else if (c == '"') result += "&quot;";
    else result += c;
  }
  return result;
}

// Rows first .. first + count - 1 of a dataset; all of it as a plain reference.
std::string values(const XdmfPlan& plan, const std::string& dataset, std::int64_t first, std::int64_t count, const std::string& indent,
                   const std::string& shape = "") {
  const std::string whole = fmt::format(R"(<DataItem Dimensions="{}{}" NumberType="Float" Precision="8" Format="HDF">{}:/{}</DataItem>)",
                                        shape, plan.rows, escaped(plan.data_file), escaped(dataset));
  if (count == plan.rows) return indent + whole + "\n";
  return fmt::format("{0}<DataItem ItemType=\"HyperSlab\" Dimensions=\"{1}\" Type=\"HyperSlab\">\n"
                     "{0}  <DataItem Dimensions=\"3 1\" Format=\"XML\">{2} 1 {1}</DataItem>\n"
                     "{0}  {3}\n{0}</DataItem>\n",
                     indent, count, first, whole);
}

// One grid of rows first .. first + count - 1 over `axes` (names of the datasets on ParaView's x, y, z).
std::string one_grid(const XdmfPlan& plan, const std::string& name, const std::string& extra, const std::string& topology,
                     const std::vector<std::string>& axes, std::int64_t first, std::int64_t count) {
  std::string text = fmt::format("    <Grid Name=\"{}\" GridType=\"Uniform\">\n{}      {}\n", name, extra, topology);
  text += fmt::format("      <Geometry GeometryType=\"{}\">\n", axes.size() == 3 ? "X_Y_Z" : "X_Y");
  for (const auto& axis : axes) text += values(plan, axis, 0, count, "        ");   // the same places at every time
  text += "      </Geometry>\n";
  for (const auto& quantity : plan.quantities)
    text += fmt::format("      <Attribute Name=\"{}\" AttributeType=\"Scalar\" Center=\"Node\">\n{}      </Attribute>\n", escaped(quantity),
                        values(plan, quantity, first, count, "        "));
  return text + "    </Grid>\n";
}

std::string structured(const std::vector<GridAxis>& axes) {
  std::vector<std::int64_t> extents;
  for (const GridAxis& axis : axes) extents.push_back(axis.count);
  return fmt::format(R"(<Topology TopologyType="{}DSMesh" Dimensions="{}"/>)", axes.size(), fmt::join(extents, " "));
}

// Space first, time last: x, t, not t, x.
std::vector<std::string> axis_names(const XdmfPlan& plan, bool with_time) {
  std::vector<std::string> names;
  for (int d = 0; d < static_cast<int>(plan.coordinates.size()); ++d)
    if (d != plan.time) names.push_back(plan.coordinates[static_cast<std::size_t>(d)]);
  if (with_time && plan.time >= 0) names.push_back(plan.coordinates[static_cast<std::size_t>(plan.time)]);
  return names;
}

std::string film(const XdmfPlan& plan) {
  const auto& axes = plan.grid->axes;
  const std::vector<GridAxis> space(axes.begin() + 1, axes.end());
  const std::int64_t count = plan.rows / axes[0].count;
  std::string text = "    <Grid Name=\"film\" GridType=\"Collection\" CollectionType=\"Temporal\">\n";
  for (std::int64_t i = 0; i < axes[0].count; ++i)
    text += one_grid(plan, fmt::format("step {}", i), fmt::format("      <Time Value=\"{:.17g}\"/>\n", axes[0].at(i)), structured(space),
                     axis_names(plan, false), i * count, count);
  return text + "    </Grid>\n";
}

// One coordinate: the line along x. Readers of an image take only as many values as the item's shape matches.
std::string line(const XdmfPlan& plan) {
  const GridAxis& axis = plan.grid->axes[0];
  const double spacing = axis.count > 1 ? (axis.last - axis.first) / static_cast<double>(axis.count - 1) : 1;
  std::string text = fmt::format(
      "    <Grid Name=\"solution\" GridType=\"Uniform\">\n"
      "      <Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"1 1 {}\"/>\n"
      "      <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n"
      "        <DataItem Dimensions=\"3\" Format=\"XML\">0 0 {:.17g}</DataItem>\n"
      "        <DataItem Dimensions=\"3\" Format=\"XML\">1 1 {:.17g}</DataItem>\n"
      "      </Geometry>\n",
      axis.count, axis.first, spacing);
  for (const auto& quantity : plan.quantities)
    text += fmt::format("      <Attribute Name=\"{}\" AttributeType=\"Scalar\" Center=\"Node\">\n{}      </Attribute>\n", escaped(quantity),
                        values(plan, quantity, 0, plan.rows, "        ", "1 1 "));
  return text + "    </Grid>\n";
}

std::string cloud(const XdmfPlan& plan) {
  std::vector<std::string> axes = axis_names(plan, true);
  if (axes.size() == 1) axes.push_back(plan.quantities.empty() ? axes[0] : plan.quantities[0]);   // a curve
  axes.resize(std::min<std::size_t>(axes.size(), 3));
  const std::string topology = fmt::format(R"(<Topology TopologyType="Polyvertex" NumberOfElements="{}" NodesPerElement="1"/>)", plan.rows);
  return one_grid(plan, "solution", "", topology, axes, 0, plan.rows);
}

std::string choose(const XdmfPlan& plan) {
  if (!plan.grid) return cloud(plan);
  const auto& axes = plan.grid->axes;
  if ((axes.size() == 3 || axes.size() == 4) && axes[0].coordinate == plan.time && axes[0].count > 1) return film(plan);
  if (axes.size() == 1) return line(plan);
  if (axes.size() <= 3) return one_grid(plan, "solution", "", structured(axes), axis_names(plan, true), 0, plan.rows);
  return cloud(plan);
}

}  // namespace

std::string xdmf_text(const XdmfPlan& plan) {
  return "<?xml version=\"1.0\"?>\n<Xdmf Version=\"2.0\">\n  <Domain>\n" + choose(plan) + "  </Domain>\n</Xdmf>\n";
}

}  // namespace jetpinn
