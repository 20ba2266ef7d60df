#!/usr/bin/env python3
"""A picture of what `jetpinn predict` wrote, made by VTK without a display: picture.py runs/rod/solution.vti u rod.png

Takes an image (.vti) over two coordinates or a cloud (.vtp); needs `pip install vtk`.
"""
import pathlib
import sys

import vtkmodules.vtkInteractionStyle  # noqa: F401
import vtkmodules.vtkRenderingFreeType  # noqa: F401
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401
from vtkmodules.vtkFiltersGeneral import vtkTransformFilter
from vtkmodules.vtkCommonTransforms import vtkTransform
from vtkmodules.vtkCommonCore import vtkLookupTable, vtkObject
from vtkmodules.vtkFiltersGeometry import vtkGeometryFilter
from vtkmodules.vtkIOImage import vtkPNGWriter
from vtkmodules.vtkIOXML import vtkXMLImageDataReader, vtkXMLPolyDataReader
from vtkmodules.vtkRenderingAnnotation import vtkAxisActor2D, vtkScalarBarActor
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer, vtkRenderWindow, vtkTextActor, vtkWindowToImageFilter

# Ten colours of viridis, which is even to the eye and in print.
VIRIDIS = ["440154", "482878", "3e4a89", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"]


def colours(low, high, steps=256):
    table = vtkLookupTable()
    table.SetNumberOfTableValues(steps)
    table.SetRange(low, high)
    for k in range(steps):
        place = k / (steps - 1) * (len(VIRIDIS) - 1)
        left = min(int(place), len(VIRIDIS) - 2)
        rgb = [[int(VIRIDIS[n][i:i + 2], 16) / 255 for i in (0, 2, 4)] for n in (left, left + 1)]
        table.SetTableValue(k, *[a + (place - left) * (b - a) for a, b in zip(*rgb)], 1.0)
    return table


def draw(path, quantity, picture, titles=("x", "y")):
    reader = vtkXMLImageDataReader() if path.endswith(".vti") else vtkXMLPolyDataReader()
    reader.SetFileName(path)
    reader.Update()
    data = reader.GetOutput()
    values = data.GetPointData().GetArray(quantity)
    if values is None:
        names = [data.GetPointData().GetArrayName(k) for k in range(data.GetPointData().GetNumberOfArrays())]
        sys.exit(f"{path} holds no '{quantity}'; it holds {', '.join(names)}")
    bounds = data.GetBounds()
    # Coordinates have units of their own: both sides of the picture are made equally long.
    spans = [max(bounds[2 * k + 1] - bounds[2 * k], 1e-300) for k in range(2)]
    scale = vtkTransform()
    scale.Scale(1.5 / spans[0], 1 / spans[1], 1)
    geometry, scaled = vtkGeometryFilter(), vtkTransformFilter()
    geometry.SetInputData(data)
    scaled.SetInputConnection(geometry.GetOutputPort())
    scaled.SetTransform(scale)
    scaled.Update()

    table = colours(*values.GetRange())
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(scaled.GetOutputPort())
    mapper.SetScalarModeToUsePointFieldData()
    mapper.SelectColorArray(quantity)
    mapper.SetLookupTable(table)
    mapper.UseLookupTableScalarRangeOn()
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().LightingOff()
    actor.GetProperty().SetPointSize(4)

    renderer = vtkRenderer()
    renderer.SetBackground(1, 1, 1)
    renderer.AddActor(actor)
    place = scaled.GetOutput().GetBounds()
    corner, right, top = (place[0], place[2], 0), (place[1], place[2], 0), (place[0], place[3], 0)
    # Labels stand to the right of an axis as one walks along it.
    for begin, end, bound, title in ((corner, right, bounds[0:2], titles[0]), (top, corner, bounds[3:1:-1], "")):
        axis = vtkAxisActor2D()
        for point, where in ((axis.GetPoint1Coordinate(), begin), (axis.GetPoint2Coordinate(), end)):
            point.SetCoordinateSystemToWorld()
            point.SetValue(*where)
        axis.SetRange(*bound)
        axis.SetTitle(title)
        axis.SetLabelFormat("%g")
        axis.AdjustLabelsOff()
        axis.SetNumberOfLabels(6)
        axis.SetFontFactor(0.9)
        axis.GetProperty().SetColor(0, 0, 0)
        for text in (axis.GetTitleTextProperty(), axis.GetLabelTextProperty()):
            text.SetColor(0, 0, 0)
            text.ItalicOff()
            text.BoldOff()
            text.ShadowOff()
        renderer.AddViewProp(axis)
    title = vtkTextActor()
    title.SetInput(titles[1])
    title.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
    title.SetPosition(0.02, 0.53)
    title.GetTextProperty().SetColor(0, 0, 0)
    title.GetTextProperty().SetFontSize(17)
    renderer.AddViewProp(title)
    bar = vtkScalarBarActor()
    bar.SetLookupTable(table)
    bar.SetTitle(quantity)
    bar.SetNumberOfLabels(5)
    bar.SetLabelFormat("%.3g")
    bar.SetPosition(0.87, 0.14)
    bar.SetWidth(0.09)
    bar.SetHeight(0.74)
    bar.UnconstrainedFontSizeOn()
    for text, size in ((bar.GetTitleTextProperty(), 18), (bar.GetLabelTextProperty(), 14)):
        text.SetColor(0, 0, 0)
        text.SetFontSize(size)
        text.ItalicOff()
        text.BoldOff()
        text.ShadowOff()
    renderer.AddViewProp(bar)

    vtkObject.GlobalWarningDisplayOff()   # that there is no display
    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetSize(720, 480)
    window.SetMultiSamples(0)
    window.AddRenderer(renderer)
    camera = renderer.GetActiveCamera()
    camera.ParallelProjectionOn()
    focus = [(place[0] + place[1]) / 2 + 0.08, (place[2] + place[3]) / 2 - 0.05, 0]   # room for the labels and the bar
    camera.SetFocalPoint(*focus)
    camera.SetPosition(focus[0], focus[1], focus[2] + 10)
    camera.SetParallelScale(0.68)
    renderer.ResetCameraClippingRange()
    window.Render()
    shot, writer = vtkWindowToImageFilter(), vtkPNGWriter()
    shot.SetInput(window)
    writer.SetInputConnection(shot.GetOutputPort())
    writer.SetFileName(picture)
    writer.Write()


if __name__ == "__main__":
    if len(sys.argv) not in (4, 6):
        sys.exit("usage: picture.py FILE.vti|FILE.vtp QUANTITY PICTURE.png [NAME_OF_X NAME_OF_Y]")
    draw(*sys.argv[1:4], tuple(sys.argv[4:6]) or ("x", "y"))
    print(pathlib.Path(sys.argv[3]))
