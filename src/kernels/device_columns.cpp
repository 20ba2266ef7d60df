#include "jetpinn/kernels/device_columns.hpp"

#include "jetpinn/kernels/column_items.hpp"
#include "jetpinn/kernels/launch.hpp"

namespace jetpinn {

template <class Space>
void sincos_columns(Stream stream, std::int64_t points, DevicePointer<const double, Space> x, double scale, double shift,
                    Pointer<double, Space> sine, Pointer<double, Space> cosine) {
  launch(Space{}, stream, "jetpinn::sincos_columns_device", points,
         SincosItem{address_of(x), scale, shift, address_of(sine), address_of(cosine)});
}

template <class T, class Space>
void affine_column(Stream stream, std::int64_t points, Pointer<const double, Space> x, double scale, double shift,
                   DevicePointer<T, Space> to) {
  launch(Space{}, stream, "jetpinn::affine_column_device", points,
         AffineItem<T>{address_of(x), scale, shift, address_of(to)});
}

template <class Space>
void add_product(Stream stream, std::int64_t points, double factor, Pointer<const double, Space> a,
                 Pointer<const double, Space> b, DevicePointer<double, Space> sum) {
  launch(Space{}, stream, "jetpinn::add_product_device", points,
         AddProductItem{factor, address_of(a), address_of(b), address_of(sum)});
}

template <class From, class To, class Space>
void cast(Stream stream, std::int64_t count, DevicePointer<const From, Space> from, DevicePointer<To, Space> to) {
  launch(Space{}, stream, "jetpinn::cast_device", count, CastItem<From, To>{address_of(from), address_of(to)});
}

#define JETPINN_INSTANTIATE(Space)                                                                               \
  template void sincos_columns<Space>(Stream, std::int64_t, DevicePointer<const double, Space>, double, double,  \
                                      Pointer<double, Space>, Pointer<double, Space>);                           \
  template void affine_column<float, Space>(Stream, std::int64_t, Pointer<const double, Space>, double, double,  \
                                            DevicePointer<float, Space>);                                        \
  template void affine_column<double, Space>(Stream, std::int64_t, Pointer<const double, Space>, double, double, \
                                             DevicePointer<double, Space>);                                      \
  template void add_product<Space>(Stream, std::int64_t, double, Pointer<const double, Space>,                   \
                                   Pointer<const double, Space>, DevicePointer<double, Space>);                  \
  template void cast<double, float, Space>(Stream, std::int64_t, DevicePointer<const double, Space>,             \
                                           DevicePointer<float, Space>);                                         \
  template void cast<double, double, Space>(Stream, std::int64_t, DevicePointer<const double, Space>,            \
                                            DevicePointer<double, Space>);                                       \
  template void cast<float, double, Space>(Stream, std::int64_t, DevicePointer<const float, Space>,              \
                                           DevicePointer<double, Space>);
JETPINN_FOR_DEVICE_SPACES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
