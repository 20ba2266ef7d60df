#include "jetpinn/kernels/device_edges.hpp"

#include "jetpinn/kernels/edge_items.hpp"
#include "jetpinn/kernels/launch.hpp"

namespace jetpinn {
namespace {

template <class T, class Space>
FeatureJets<T> addresses(const FeatureJets<T, Space>& jets) {
  return {jets.features,
          jets.channels,
          address_of(jets.constant),
          jets.varying,
          address_of(jets.channel),
          address_of(jets.feature),
          address_of(jets.values),
          jets.stride};
}

}  // namespace

template <class T, class Space>
void input_forward(Stream stream, JetTile tile, const FeatureJets<T, Space>& jets, Pointer<const T, Space> weights,
                   DevicePointer<T, Space> z) {
  launch(Space{}, stream, "jetpinn::input_forward_device", tile.points * tile.width,
         InputForwardItem<T>{tile, addresses(jets), address_of(weights), address_of(z)});
}

template <class T, class Space>
void input_reverse(Stream stream, JetTile tile, const FeatureJets<T, Space>& jets, Pointer<const T, Space> adjoint,
                   DevicePointer<T, Space> weight_gradient, Pointer<T, Space> partial) {
  const FeatureJets<T> plain = addresses(jets);
  const std::int64_t columns = (jets.channels + jets.varying) * tile.width;
  const InputReverseTerm<T> term{tile, plain, address_of(adjoint)};
  launch(Space{}, stream, "jetpinn::input_reverse_device", sum_runs(tile.points) * columns,
         PartialSumItem<T, InputReverseTerm<T>>{term, tile.points, columns, address_of(partial)});
  launch(Space{}, stream, "jetpinn::input_gradient_device", jets.features * tile.width,
         InputGradientItem<T>{tile, plain, address_of(partial), address_of(weight_gradient)});
}

template <class T, class Space>
void output_forward(Stream stream, JetTile tile, int channels, int fields, Pointer<const T, Space> weights,
                    Pointer<const T, Space> bias, Pointer<const T, Space> h, DevicePointer<T, Space> u,
                    std::int64_t stride) {
  launch(Space{}, stream, "jetpinn::output_forward_device", fields * channels * tile.points,
         OutputForwardItem<T>{tile, channels, address_of(weights), address_of(bias), address_of(h), address_of(u), stride});
}

template <class T, class Space>
void output_reverse(Stream stream, JetTile tile, int channels, int fields, Pointer<const T, Space> weights,
                    Pointer<const T, Space> h, Pointer<const T, Space> ubar, std::int64_t stride,
                    DevicePointer<T, Space> adjoint, Pointer<T, Space> weight_gradient, Pointer<T, Space> bias_gradient,
                    Pointer<T, Space> partial) {
  sum_columns<T, Space>(stream, "jetpinn::output_weight_gradient_device", channels * tile.points, fields * tile.width,
                        OutputWeightTerm<T>{tile, channels, address_of(h), address_of(ubar), stride}, partial,
                        weight_gradient);
  sum_columns<T, Space>(stream, "jetpinn::output_bias_gradient_device", tile.points, fields,
                        OutputBiasTerm<T>{channels, address_of(ubar), stride}, partial, bias_gradient);
  launch(Space{}, stream, "jetpinn::output_reverse_device", channels * tile.points * tile.width,
         OutputAdjointItem<T>{tile, channels, fields, address_of(weights), address_of(ubar), stride, address_of(adjoint)});
}

#define JETPINN_INSTANTIATE(T, Space)                                                                                       \
  template void input_forward<T, Space>(Stream, JetTile, const FeatureJets<T, Space>&, Pointer<const T, Space>,             \
                                        DevicePointer<T, Space>);                                                           \
  template void input_reverse<T, Space>(Stream, JetTile, const FeatureJets<T, Space>&, Pointer<const T, Space>,             \
                                        DevicePointer<T, Space>, Pointer<T, Space>);                                        \
  template void output_forward<T, Space>(Stream, JetTile, int, int, Pointer<const T, Space>, Pointer<const T, Space>,       \
                                         Pointer<const T, Space>, DevicePointer<T, Space>, std::int64_t);                   \
  template void output_reverse<T, Space>(Stream, JetTile, int, int, Pointer<const T, Space>, Pointer<const T, Space>,       \
                                         Pointer<const T, Space>, std::int64_t, DevicePointer<T, Space>, Pointer<T, Space>, \
                                         Pointer<T, Space>, Pointer<T, Space>);
#define JETPINN_INSTANTIATE_BOTH(Space) JETPINN_INSTANTIATE(float, Space) JETPINN_INSTANTIATE(double, Space)
JETPINN_FOR_DEVICE_SPACES(JETPINN_INSTANTIATE_BOTH)
#undef JETPINN_INSTANTIATE_BOTH
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
