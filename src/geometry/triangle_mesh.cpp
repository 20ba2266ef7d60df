#include "jetpinn/geometry/triangle_mesh.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>

namespace jetpinn {
namespace {

constexpr double resolution = std::numeric_limits<float>::epsilon();  // of the longest side of the box: STL is float32

// a b - c d, to rounding of the result (Kahan).
double difference_of_products(double a, double b, double c, double d) {
  const double other = c * d, lost = std::fma(-c, d, other);
  return std::fma(a, b, -other) + lost;
}

double length(const Point3& a) { return std::sqrt(dot(a, a)); }
void add(Point3& sum, const Point3& a, double factor) {
  for (std::size_t d = 0; d < 3; ++d) sum[d] += factor * a[d];
}

std::string text(const Point3& p) {
  std::ostringstream out;
  out << '(' << p[0] << ", " << p[1] << ", " << p[2] << ')';
  return out.str();
}

std::string counted(std::size_t count, const std::string& one, const std::string& more) {
  return std::to_string(count) + (count == 1 ? one : more);
}

struct HashOfThree {
  template <class T>
  std::size_t operator()(const std::array<T, 3>& key) const {
    std::uint64_t hash = 0;
    for (const T& one : key) {
      hash = (hash ^ std::bit_cast<std::uint64_t>(one)) * 0x9E3779B97F4A7C15ull;
      hash ^= hash >> 32;
    }
    return hash;
  }
};

// Corners as numbers of vertices.
class Welder {
 public:
  Welder(const Point3& lower, double tolerance) : lower_(lower), tolerance_(tolerance) {}

  std::int32_t vertex(const Point3& corner) {
    const auto [known, fresh] = exact_.try_emplace(corner, 0);
    if (fresh) known->second = near(corner);
    return known->second;
  }
  std::vector<Point3> take() { return std::move(vertices_); }

 private:
  using Cell = std::array<std::int64_t, 3>;

  // A cell is two tolerances wide: what is near lies in two of them along each coordinate at most.
  Cell cell(const Point3& point, double beside) const {
    Cell cell;
    for (std::size_t d = 0; d < 3; ++d)
      cell[d] = static_cast<std::int64_t>(std::floor((point[d] - lower_[d] + beside) / (2 * tolerance_)));
    return cell;
  }
  std::int32_t near(const Point3& corner) {
    const Cell first = cell(corner, -tolerance_), last = cell(corner, tolerance_);
    Cell at;
    for (at[0] = first[0]; at[0] <= last[0]; ++at[0])
      for (at[1] = first[1]; at[1] <= last[1]; ++at[1])
        for (at[2] = first[2]; at[2] <= last[2]; ++at[2]) {
          const auto found = cells_.find(at);
          if (found == cells_.end()) continue;
          for (const std::int32_t vertex : found->second)
            if (length(vertices_[static_cast<std::size_t>(vertex)] - corner) <= tolerance_) return vertex;
        }
    vertices_.push_back(corner);
    cells_[cell(corner, 0)].push_back(static_cast<std::int32_t>(vertices_.size()) - 1);
    return static_cast<std::int32_t>(vertices_.size()) - 1;
  }

  Point3 lower_;
  double tolerance_;
  std::vector<Point3> vertices_;
  std::unordered_map<Point3, std::int32_t, HashOfThree> exact_;
  std::unordered_map<Cell, std::vector<std::int32_t>, HashOfThree> cells_;
};

class Maker {
 public:
  explicit Maker(const std::vector<double>& corners) { weld(corners); }

  TriangleMesh make() {
    join_sides();
    require_one_orientation();
    measure();
    require_outwards();
    point_out();
    return keep_areas();
  }

 private:
  // Side k of triangle t is 3 t + k: from corner k to the next one.
  static std::size_t next(std::size_t side) { return side % 3 == 2 ? side - 2 : side + 1; }
  std::size_t vertex(std::size_t side) const { return static_cast<std::size_t>(mesh_.triangles[side / 3][side % 3]); }
  const Point3& corner(std::size_t side) const { return mesh_.vertices[vertex(side)]; }
  Point3 way(std::size_t side) const { return corner(next(side)) - corner(side); }
  std::string place(std::size_t side) const { return "that from " + text(corner(side)) + " to " + text(corner(next(side))); }

  void weld(const std::vector<double>& corners) {
    const std::size_t count = corners.size() / 9;
    if (count == 0) throw Error(Status::usage, "this surface has no triangle");
    Point3 lower{HUGE_VAL, HUGE_VAL, HUGE_VAL}, upper{-HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
    for (std::size_t i = 0; i < corners.size(); ++i)
      lower[i % 3] = std::min(lower[i % 3], corners[i]), upper[i % 3] = std::max(upper[i % 3], corners[i]);
    for (std::size_t d = 0; d < 3; ++d) tolerance_ = std::max(tolerance_, resolution * (upper[d] - lower[d]));
    if (!(tolerance_ > std::numeric_limits<double>::min()) || !std::isfinite(tolerance_))
      throw Error(Status::usage, "this surface goes from " + text(lower) + " to " + text(upper) + ", which is no extent");
    Welder welder(lower, tolerance_);
    for (std::size_t t = 0; t < count; ++t) {
      std::array<std::int32_t, 3> triangle{};
      for (std::size_t k = 0; k < 3; ++k) {
        const double* const p = corners.data() + 9 * t + 3 * k;
        triangle[k] = welder.vertex({p[0] + 0.0, p[1] + 0.0, p[2] + 0.0});  // -0 is 0
      }
      if (triangle[0] != triangle[1] && triangle[1] != triangle[2] && triangle[2] != triangle[0])
        mesh_.triangles.push_back(triangle);
      else
        ++mesh_.without_area;  // the sides that are left of it are one
    }
    mesh_.vertices = welder.take();
    if (mesh_.triangles.empty()) refuse_without_area();
  }

  [[noreturn]] void refuse_without_area() const {
    throw Error(Status::usage, "none of the " + std::to_string(mesh_.without_area) +
                                   " triangles of this surface has an area; export it again");
  }

  // Across each side lies that of one other triangle.
  void join_sides() {
    const std::size_t sides = 3 * mesh_.triangles.size();
    std::vector<std::size_t> order(sides);
    for (std::size_t s = 0; s < sides; ++s) order[s] = s;
    const auto ends = [&](std::size_t side) { return std::minmax({vertex(side), vertex(next(side))}); };
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return std::pair(ends(a), a) < std::pair(ends(b), b); });
    across_.resize(sides);
    std::size_t open = 0, crowded = 0, first_open = 0, first_crowded = 0;
    for (std::size_t first = 0, last; first < sides; first = last) {
      for (last = first + 1; last < sides && ends(order[last]) == ends(order[first]);) ++last;
      if (last - first == 1 && open++ == 0) first_open = order[first];
      if (last - first > 2 && crowded++ == 0) first_crowded = order[first];
      across_[order[first]] = order[last - 1];
      across_[order[last - 1]] = order[first];
    }
    if (open > 0)
      throw Error(Status::usage, "this surface is not closed: " + counted(open, " edge has", " edges have") +
                                     " a triangle on one side alone, such as " + place(first_open) +
                                     "; close it where it was made, and export it again");
    if (crowded > 0)
      throw Error(Status::usage, counted(crowded, " edge", " edges") + " of this surface " +
                                     (crowded == 1 ? "has" : "have") + " more than two triangles, such as " +
                                     place(first_crowded) +
                                     "; where bodies touch let them overlap, give each a file, and join the shapes by +");
  }

  // Neighbours run along the side that they share in opposite directions. Of each part of the surface the fewer are flipped.
  void require_one_orientation() {
    const std::size_t count = mesh_.triangles.size();
    std::vector<signed char> turned(count, -1);
    part_.resize(count);
    std::size_t flipped = 0, example = 0;
    for (std::size_t seed = 0; seed < count; ++seed) {
      if (turned[seed] >= 0) continue;
      std::vector<std::size_t> part = {seed};
      turned[seed] = 0;
      part_[seed] = parts_;
      for (std::size_t at = 0; at < part.size(); ++at)
        for (std::size_t side = 3 * part[at]; side < 3 * part[at] + 3; ++side) {
          const std::size_t other = across_[side];
          if (turned[other / 3] >= 0) continue;
          turned[other / 3] = static_cast<signed char>(turned[part[at]] ^ (vertex(other) == vertex(side)));
          part_[other / 3] = parts_;
          part.push_back(other / 3);
        }
      ++parts_;
      const auto ones =
          static_cast<std::size_t>(std::count_if(part.begin(), part.end(), [&](std::size_t t) { return turned[t] == 1; }));
      const bool fewer = 2 * ones <= part.size();
      const std::size_t here = fewer ? ones : part.size() - ones;
      if (here > 0 && flipped == 0)
        example = *std::find_if(part.begin(), part.end(), [&](std::size_t t) { return (turned[t] == 1) == fewer; });
      flipped += here;
    }
    if (flipped == 0) return;
    Point3 middle{};
    for (std::size_t k = 0; k < 3; ++k) add(middle, corner(3 * example + k), 1.0 / 3);
    throw Error(Status::usage, counted(flipped, " flipped facet", " flipped facets") + " in this surface, as at " +
                                   text(middle) +
                                   ": neighbours face different ways; let all of them face outwards where it was made");
  }

  void measure() {
    const Point3 origin = corner(0);
    for (std::size_t t = 0; t < mesh_.triangles.size(); ++t) {
      const Point3 product = cross(way(3 * t), way(3 * t + 1));
      const double area = length(product) / 2;
      longest_.push_back(3 * t);
      for (std::size_t side = 3 * t + 1; side < 3 * t + 3; ++side)
        if (length(way(side)) > length(way(longest_[t]))) longest_[t] = side;
      const bool has_area = 2 * area > tolerance_ * length(way(longest_[t]));
      mesh_.areas.push_back(has_area ? area : 0);
      mesh_.area += mesh_.areas[t];
      volumes_.push_back(dot(corner(3 * t) - origin, product) / 6);
      mesh_.volume += volumes_[t];
      mesh_.face_normals.emplace_back();
      if (has_area) add(mesh_.face_normals[t], product, 1 / (2 * area));
    }
    if (mesh_.area == 0) mesh_.without_area += mesh_.triangles.size(), refuse_without_area();
  }

  // A part of the surface that faces inwards is a cavity, which lies in another part.
  void require_outwards() const {
    struct Part {
      std::size_t side = 0;  // one of it
      double volume = 0;
      Point3 lower{HUGE_VAL, HUGE_VAL, HUGE_VAL}, upper{-HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
      bool holds(const Part& other) const {
        for (std::size_t d = 0; d < 3; ++d)
          if (other.lower[d] < lower[d] || other.upper[d] > upper[d]) return false;
        return volume > 0;
      }
    };
    std::vector<Part> parts(parts_);
    for (std::size_t side = 0; side < across_.size(); ++side) {
      Part& part = parts[part_[side / 3]];
      part.side = side;
      if (side % 3 == 0) part.volume += volumes_[side / 3];
      for (std::size_t d = 0; d < 3; ++d)
        part.lower[d] = std::min(part.lower[d], corner(side)[d]), part.upper[d] = std::max(part.upper[d], corner(side)[d]);
    }
    for (const Part& part : parts)
      if (part.volume <= 0 && std::none_of(parts.begin(), parts.end(), [&](const Part& other) { return other.holds(part); }))
        throw Error(Status::usage, "this surface is inside out, as at " + text(corner(part.side)) +
                                       ": its triangles face inwards there; turn them where it was made");
  }

  // The normal of the face that lies behind a side, as seen from its other triangle: through triangles without area, whose
  // own normals mean nothing, along their longest side or out of it.
  Point3 seen(std::size_t side, int depth = 0) const {
    constexpr int deepest = 8;
    const std::size_t t = side / 3;
    if (mesh_.areas[t] > 0 || depth == deepest) return mesh_.face_normals[t];
    if (side != longest_[t]) return seen(across_[longest_[t]], depth + 1);
    Point3 sum{};
    for (std::size_t other = next(side); other != side; other = next(other))
      add(sum, seen(across_[other], depth + 1), length(way(other)));
    const double size = length(sum);
    Point3 unit{};
    if (size > 0) add(unit, sum, 1 / size);
    return unit;
  }

  void point_out() {
    mesh_.side_normals.resize(mesh_.triangles.size());
    mesh_.vertex_normals.resize(mesh_.vertices.size());
    for (std::size_t side = 0; side < across_.size(); ++side) {
      const std::size_t t = side / 3;
      Point3& sum = mesh_.side_normals[t][side % 3];
      sum = seen(across_[side]);
      add(sum, mesh_.face_normals[t], 1);
      // Without area it stands for what lies beyond the side that faces the corner.
      const std::size_t before = next(next(side));
      const Point3 one = way(side), other = corner(before) - corner(side);
      const double angle = std::atan2(length(cross(one, other)), dot(one, other));
      add(mesh_.vertex_normals[vertex(side)], mesh_.areas[t] > 0 ? mesh_.face_normals[t] : seen(across_[next(side)]), angle);
    }
  }

  TriangleMesh keep_areas() {
    std::size_t kept = 0;
    for (std::size_t t = 0; t < mesh_.triangles.size(); ++t) {
      if (mesh_.areas[t] == 0) continue;
      mesh_.triangles[kept] = mesh_.triangles[t];
      mesh_.areas[kept] = mesh_.areas[t];
      mesh_.face_normals[kept] = mesh_.face_normals[t];
      mesh_.side_normals[kept++] = mesh_.side_normals[t];
    }
    mesh_.without_area += mesh_.triangles.size() - kept;
    mesh_.triangles.resize(kept);
    mesh_.areas.resize(kept);
    mesh_.face_normals.resize(kept);
    mesh_.side_normals.resize(kept);
    return std::move(mesh_);
  }

  TriangleMesh mesh_;
  double tolerance_ = 0;
  std::vector<std::size_t> across_;   // [sides] the other triangle's
  std::vector<std::size_t> longest_;  // [triangles] side
  std::vector<std::size_t> part_;     // [triangles] of the surface, those that hang together
  std::size_t parts_ = 0;
  std::vector<double> volumes_;  // [triangles] between it and one point
};

}  // namespace

Point3 cross(const Point3& a, const Point3& b) {
  return {difference_of_products(a[1], b[2], a[2], b[1]), difference_of_products(a[2], b[0], a[0], b[2]),
          difference_of_products(a[0], b[1], a[1], b[0])};
}

TriangleMesh make_triangle_mesh(const std::vector<double>& corners) { return Maker(corners).make(); }

}  // namespace jetpinn
