#include "jetpinn/geometry/primitive.hpp"
#include "jetpinn/geometry/triangle_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

Point3 point_at(const double* point) { return {point[0], point[1], point[2]}; }

struct Triangles {
  explicit Triangles(const std::vector<double>& corners) : mesh(make_triangle_mesh(corners)), tree(mesh) {}
  TriangleMesh mesh;
  TriangleTree tree;
};

// All triangles as one piece: the first number says which, by their areas in the tree's order, so that near numbers are near
// places; the others where in it, as in any simplex (surface.cpp).
class MeshSurface : public Surface {
 public:
  explicit MeshSurface(std::shared_ptr<const Triangles> own) : own_(std::move(own)) {
    double sum = 0;
    for (const std::int32_t t : own_->tree.order())
      area_up_to_.push_back(sum += own_->mesh.areas[static_cast<std::size_t>(t)]);
  }

  int parameters() const override { return 3; }
  double measure() const override { return area_up_to_.back(); }
  bool place(const double* fractions, double* point) const override {
    const auto found = std::upper_bound(area_up_to_.begin(), area_up_to_.end() - 1, fractions[0] * area_up_to_.back());
    const std::int32_t t = own_->tree.order()[static_cast<std::size_t>(found - area_up_to_.begin())];
    const auto [first, second] = std::minmax(fractions[1], fractions[2]);
    const auto corner = [&](std::size_t k) -> const Point3& {
      const auto vertex = own_->mesh.triangles[static_cast<std::size_t>(t)][k];
      return own_->mesh.vertices[static_cast<std::size_t>(vertex)];
    };
    for (std::size_t d = 0; d < 3; ++d)
      point[d] =
          corner(0)[d] + (second - first) * (corner(1)[d] - corner(0)[d]) + (1 - second) * (corner(2)[d] - corner(0)[d]);
    return true;
  }
  void normal(const double* point, double* normal) const override {
    const std::int32_t t = own_->tree.nearest(point_at(point)).triangle;
    std::copy_n(own_->mesh.face_normals[static_cast<std::size_t>(t)].begin(), 3, normal);
  }

 private:
  std::shared_ptr<const Triangles> own_;
  std::vector<double> area_up_to_;  // [order]
};

class Mesh : public Primitive {
 public:
  explicit Mesh(std::shared_ptr<const Triangles> own)
      : Primitive(bound(own->mesh, false), bound(own->mesh, true)),
        own_(std::move(own)),
        surface_(std::make_shared<MeshSurface>(own_)) {}

  double distance(const double* point) const override {
    const TriangleTree::Nearest nearest = own_->tree.nearest(point_at(point));
    const double distance = std::sqrt(nearest.square);
    return dot(nearest.away, outwards(nearest)) < 0 ? -distance : distance;
  }
  double rounding(const double* point) const override { return rounding_of(2 * (largest(point, 3) + longest())); }
  // Of a plate it is that of the plate.
  double thickness() const override { return 2 * own_->mesh.volume / own_->mesh.area; }
  double volume() const override { return own_->mesh.volume; }
  std::string facts() const override {
    const TriangleMesh& mesh = own_->mesh;
    std::string text =
        fmt::format("{} triangles, volume {:.6g}, area {:.6g}", mesh.triangles.size(), mesh.volume, mesh.area);
    if (mesh.without_area > 0) text += fmt::format(", {} more without area left out", mesh.without_area);
    return text;
  }
  Surfaces surfaces() const override { return {surface_}; }

 private:
  static std::vector<double> bound(const TriangleMesh& mesh, bool most) {
    std::vector<double> bound(3, most ? -HUGE_VAL : HUGE_VAL);
    for (const auto& triangle : mesh.triangles)
      for (const std::int32_t vertex : triangle)
        for (std::size_t d = 0; d < 3; ++d) {
          const double x = mesh.vertices[static_cast<std::size_t>(vertex)][d];
          bound[d] = most ? std::max(bound[d], x) : std::min(bound[d], x);
        }
    return bound;
  }
  const Point3& outwards(const TriangleTree::Nearest& nearest) const {
    const TriangleMesh& mesh = own_->mesh;
    const auto t = static_cast<std::size_t>(nearest.triangle), number = static_cast<std::size_t>(nearest.number);
    if (nearest.feature == TriangleTree::Nearest::Feature::face) return mesh.face_normals[t];
    if (nearest.feature == TriangleTree::Nearest::Feature::side) return mesh.side_normals[t][number];
    return mesh.vertex_normals[static_cast<std::size_t>(mesh.triangles[t][number])];
  }

  std::shared_ptr<const Triangles> own_;
  std::shared_ptr<const Surface> surface_;
};

}  // namespace

ShapePointer make_mesh(const std::vector<double>& corners) {
  return require_thickness(std::make_shared<Mesh>(std::make_shared<Triangles>(corners)));
}

}  // namespace jetpinn
