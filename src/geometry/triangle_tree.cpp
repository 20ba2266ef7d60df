#include "jetpinn/geometry/triangle_tree.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int32_t leaf_size = 4;
constexpr std::size_t most_open = 64;  // nodes: one for each halving of less than 2^32 triangles

}  // namespace

TriangleTree::TriangleTree(const TriangleMesh& mesh) : order_(mesh.triangles.size()) {
  std::iota(order_.begin(), order_.end(), 0);
  std::vector<Point3> middles;
  for (const auto& triangle : mesh.triangles) {
    Point3 sum{};
    for (const std::int32_t vertex : triangle)
      for (std::size_t d = 0; d < 3; ++d) sum[d] += mesh.vertices[static_cast<std::size_t>(vertex)][d];
    middles.push_back(sum);
  }
  build(middles, 0, static_cast<std::int32_t>(order_.size()), mesh);
  for (const std::int32_t number : order_) {
    const auto t = static_cast<std::size_t>(number);
    Triangle triangle{{}, mesh.face_normals[t]};
    for (std::size_t k = 0; k < 3; ++k) triangle.corners[k] = mesh.vertices[static_cast<std::size_t>(mesh.triangles[t][k])];
    triangles_.push_back(triangle);
  }
}

// Halves along the longest side of what their middles fill.
void TriangleTree::build(const std::vector<Point3>& middles, std::int32_t first, std::int32_t count,
                         const TriangleMesh& mesh) {
  const std::size_t here = nodes_.size();
  Node node;
  node.lower = {HUGE_VAL, HUGE_VAL, HUGE_VAL}, node.upper = {-HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
  Point3 least = node.lower, most = node.upper;
  for (std::int32_t i = first; i < first + count; ++i) {
    const auto t = static_cast<std::size_t>(order_[static_cast<std::size_t>(i)]);
    for (std::size_t d = 0; d < 3; ++d) {
      least[d] = std::min(least[d], middles[t][d]), most[d] = std::max(most[d], middles[t][d]);
      for (const std::int32_t vertex : mesh.triangles[t]) {
        const double x = mesh.vertices[static_cast<std::size_t>(vertex)][d];
        node.lower[d] = std::min(node.lower[d], x), node.upper[d] = std::max(node.upper[d], x);
      }
    }
  }
  nodes_.push_back(node);
  if (count <= leaf_size) {
    nodes_[here].first = first;
    nodes_[here].count = count;
    return;
  }
  const Point3 extent = most - least;
  const auto axis = static_cast<std::size_t>(std::max_element(extent.begin(), extent.end()) - extent.begin());
  const std::int32_t half = count / 2;
  const auto begin = order_.begin() + first;
  std::nth_element(begin, begin + half, begin + count, [&](std::int32_t a, std::int32_t b) {
    return std::pair(middles[static_cast<std::size_t>(a)][axis], a) <
           std::pair(middles[static_cast<std::size_t>(b)][axis], b);
  });
  build(middles, first, half, mesh);
  nodes_[here].second = static_cast<std::int32_t>(nodes_.size());
  build(middles, first + half, count - half, mesh);
}

double TriangleTree::Node::square(const Point3& point) const {
  double sum = 0;
  for (std::size_t d = 0; d < 3; ++d) {
    const double beyond = std::max({lower[d] - point[d], 0.0, point[d] - upper[d]});
    sum += beyond * beyond;
  }
  return sum;
}

// Over the face lies what is on the inner side of all sides. Else the nearest point lies on a side that the point is beyond.
void TriangleTree::Triangle::take_nearer(const Point3& point, std::int32_t number, Nearest& nearest) const {
  const double height = dot(normal, point - corners[0]);
  if (height * height >= nearest.square) return;
  bool over_face = true;
  for (std::size_t k = 0; k < 3; ++k) {
    const Point3 side = corners[(k + 1) % 3] - corners[k], from = point - corners[k];
    const Point3 inwards = {normal[1] * side[2] - normal[2] * side[1], normal[2] * side[0] - normal[0] * side[2],
                            normal[0] * side[1] - normal[1] * side[0]};
    if (dot(inwards, from) >= 0) continue;
    over_face = false;
    const double along = dot(from, side), all = dot(side, side), share = std::clamp(along / all, 0.0, 1.0);
    Point3 away = from;
    for (std::size_t d = 0; d < 3; ++d) away[d] -= share * side[d];
    if (share == 1) away = point - corners[(k + 1) % 3];
    const double square = dot(away, away);
    if (square >= nearest.square) continue;
    const bool at_corner = share == 0 || share == 1;
    const auto corner = static_cast<std::int32_t>(share == 1 ? (k + 1) % 3 : k);
    nearest = {number, at_corner ? Nearest::Feature::vertex : Nearest::Feature::side, corner, square, away};
  }
  if (!over_face) return;
  nearest = {number, Nearest::Feature::face, 0, height * height, normal};
  for (double& component : nearest.away) component *= height;
}

TriangleTree::Nearest TriangleTree::nearest(const Point3& point) const {
  Nearest nearest;
  nearest.square = HUGE_VAL;
  struct Open {
    std::int32_t node;
    double square;
  };
  Open open[most_open];
  std::size_t count = 0;
  open[count++] = {0, nodes_[0].square(point)};
  while (count > 0) {
    const Open top = open[--count];
    if (top.square >= nearest.square) continue;
    const Node& node = nodes_[static_cast<std::size_t>(top.node)];
    for (std::int32_t i = node.first; i < node.first + node.count; ++i)
      triangles_[static_cast<std::size_t>(i)].take_nearer(point, order_[static_cast<std::size_t>(i)], nearest);
    if (node.count > 0) continue;
    Open one{top.node + 1, nodes_[static_cast<std::size_t>(top.node) + 1].square(point)};
    Open other{node.second, nodes_[static_cast<std::size_t>(node.second)].square(point)};
    if (one.square > other.square) std::swap(one, other);
    open[count++] = other;
    open[count++] = one;
  }
  return nearest;
}

}  // namespace jetpinn
