"""The plant's own nodes: area, equipment and quantity as objects, PV, SV, MV and MODE below.

    Objects
    └── Reactor
        └── Reactor.R101
            └── Reactor.R101.Temperature              Tag "TT-101", Loop "TIC-101"
                ├── Reactor.R101.Temperature.PV       Double, EURange, EngineeringUnits
                ├── Reactor.R101.Temperature.SV       Double, writable
                ├── Reactor.R101.Temperature.MV       Double, writable in MAN
                └── Reactor.R101.Temperature.MODE     String, "AUTO" or "MAN", writable

They are added by the node management service directly: asyncua's `add_variable` does the same through a
dozen awaited calls a node.
"""

# asyncua's annotations do not fit its own use: plain ints for its UInt32, names it does not re-export.
# mypy: disable-error-code="arg-type,attr-defined,no-untyped-call"

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from asyncua import ua
from asyncua.server.address_space import NodeManagementService
from asyncua.ua.status_codes import StatusCodes

from harness.errors import ServiceError
from harness.plant.tags import Instrument, Loop
from harness.services.opcua.codes import units
from harness.services.port import PlantPort

NAMESPACE = 2
_READ = 1 << ua.AccessLevel.CurrentRead
_READ_WRITE = _READ | 1 << ua.AccessLevel.CurrentWrite


@dataclass(frozen=True, slots=True)
class Command:
    """What a writable node stands for.

    Attributes:
        loop: Tag of the controller.
        item: "SV", "MV" or "MODE".
        type: The one variant type that may be written.
    """

    loop: str
    item: str
    type: ua.VariantType


@dataclass(frozen=True, slots=True)
class PlantNodes:
    """The nodes that change or can be written.

    Attributes:
        readings: Node of each instrument's PV, by tag.
        loops: Nodes of each controller's SV, MV and MODE, by tag.
        commands: What each writable node stands for.
    """

    readings: dict[str, ua.NodeId]
    loops: dict[str, tuple[ua.NodeId, ua.NodeId, ua.NodeId]]
    commands: dict[ua.NodeId, Command]


def node_id(name: str) -> ua.NodeId:
    """The id of one of the plant's nodes."""
    return ua.NodeId(name, NAMESPACE)


def add_plant(service: NodeManagementService, plant: PlantPort) -> PlantNodes:
    """Add the nodes of a plant's instruments and loops."""
    by_instrument = {loop.instrument: loop for loop in plant.loops}
    nodes, known = PlantNodes({}, {}, {}), set[str]()
    for instrument in plant.instruments:
        loop = by_instrument.get(instrument.tag)
        new = [item for item in _objects(instrument) if item.RequestedNewNodeId.Identifier not in known]
        known.update(item.RequestedNewNodeId.Identifier for item in new)
        _add(service, [*new, *_instrument(instrument, loop)])
        nodes.readings[instrument.tag] = node_id(f"{instrument.address.node}.PV")
        if loop is not None:
            _add(service, _loop(instrument, loop))
            _note_commands(nodes, instrument, loop)
    return nodes


def _add(service: NodeManagementService, items: Iterable[ua.AddNodesItem]) -> None:
    items = list(items)
    for item, result in zip(items, service.add_nodes(items), strict=True):
        if not result.StatusCode.is_good():
            raise ServiceError(
                f"The OPC UA server could not add a node ({result.StatusCode.name})",
                value=item.RequestedNewNodeId.Identifier,
                remedy="Two instruments may have the same address",
            )


def _note_commands(nodes: PlantNodes, instrument: Instrument, loop: Loop) -> None:
    base = instrument.address.node
    places = tuple(node_id(f"{base}.{item}") for item in ("SV", "MV", "MODE"))
    sv, mv, mode = places
    nodes.loops[loop.tag] = (sv, mv, mode)
    nodes.commands[sv] = Command(loop.tag, "SV", ua.VariantType.Double)
    nodes.commands[mv] = Command(loop.tag, "MV", ua.VariantType.Double)
    nodes.commands[mode] = Command(loop.tag, "MODE", ua.VariantType.String)


def _objects(instrument: Instrument) -> list[ua.AddNodesItem]:
    """The area and the equipment of an instrument, and its quantity."""
    address = instrument.address
    area, equipment = address.area, f"{address.area}.{address.equipment}"
    return [
        _object(area, ua.NodeId(ua.ObjectIds.ObjectsFolder), address.area, f"Process area {area}"),
        _object(equipment, node_id(area), address.equipment, f"Equipment {address.equipment}"),
        _object(address.node, node_id(equipment), address.quantity, instrument.description),
    ]


def _instrument(instrument: Instrument, loop: Loop | None) -> list[ua.AddNodesItem]:
    base, text = instrument.address.node, f"{instrument.description} ({instrument.tag})"
    tags = [_property(f"{base}.Tag", base, ua.Variant(instrument.tag), ua.ObjectIds.String)]
    if loop is not None:
        tags.append(_property(f"{base}.Loop", base, ua.Variant(loop.tag), ua.ObjectIds.String))
    pv = _analog(f"{base}.PV", base, text, instrument.unit, (instrument.low, instrument.high), _READ)
    return [*tags, *pv]


def _loop(instrument: Instrument, loop: Loop) -> list[ua.AddNodesItem]:
    base = instrument.address.node
    sv_range, mv_range = (loop.sv_low, loop.sv_high), (loop.mv_low, loop.mv_high)
    return [
        *_analog(f"{base}.SV", base, f"Set value of {loop.tag}", instrument.unit, sv_range, _READ_WRITE),
        *_analog(f"{base}.MV", base, f"Output of {loop.tag}", loop.mv_unit, mv_range, _READ_WRITE),
        _variable(
            f"{base}.MODE", base, f"Mode of {loop.tag}: AUTO or MAN", ua.ObjectIds.String, access=_READ_WRITE
        ),
    ]


def _analog(
    name: str, parent: str, text: str, unit: str, span: tuple[float, float], access: int
) -> list[ua.AddNodesItem]:
    """A Double with its range and unit, as Part 8's AnalogItemType has them."""
    variable = _variable(
        name, parent, text, ua.ObjectIds.Double, access=access, type_=ua.ObjectIds.AnalogItemType
    )
    span_value = ua.Variant(ua.Range(Low=span[0], High=span[1]), ua.VariantType.ExtensionObject)
    unit_value = ua.Variant(units(unit), ua.VariantType.ExtensionObject)
    return [
        variable,
        _property(f"{name}.EURange", name, span_value, ua.ObjectIds.Range, namespace=0),
        _property(f"{name}.EngineeringUnits", name, unit_value, ua.ObjectIds.EUInformation, namespace=0),
    ]


def _object(name: str, parent: ua.NodeId, shown: str, text: str) -> ua.AddNodesItem:
    attributes = ua.ObjectAttributes()
    attributes.DisplayName, attributes.Description = ua.LocalizedText(shown), ua.LocalizedText(text)
    attributes.EventNotifier = 0
    item = _item(name, parent, shown, ua.NodeClass.Object, ua.ObjectIds.BaseObjectType, attributes)
    item.ReferenceTypeId = ua.NodeId(ua.ObjectIds.Organizes)
    return item


def _variable(
    name: str,
    parent: str,
    text: str,
    data_type: int,
    *,
    access: int,
    type_: int = ua.ObjectIds.BaseDataVariableType,
) -> ua.AddNodesItem:
    attributes = _variable_attributes(name.rpartition(".")[2], text, data_type, access)
    attributes.Value = ua.Variant(None, ua.VariantType.Null)
    item = _item(name, node_id(parent), name.rpartition(".")[2], ua.NodeClass.Variable, type_, attributes)
    item.ReferenceTypeId = ua.NodeId(ua.ObjectIds.HasComponent)
    return item


def _property(
    name: str, parent: str, value: ua.Variant, data_type: int, *, namespace: int = NAMESPACE
) -> ua.AddNodesItem:
    last = name.rpartition(".")[2]
    attributes = _variable_attributes(last, "", data_type, _READ)
    attributes.Value = value
    item = _item(name, node_id(parent), last, ua.NodeClass.Variable, ua.ObjectIds.PropertyType, attributes)
    # The standard properties keep their standard names, or no client would find them.
    item.BrowseName = ua.QualifiedName(last, namespace)
    item.ReferenceTypeId = ua.NodeId(ua.ObjectIds.HasProperty)
    return item


def _variable_attributes(shown: str, text: str, data_type: int, access: int) -> ua.VariableAttributes:
    attributes = ua.VariableAttributes()
    attributes.DisplayName, attributes.Description = ua.LocalizedText(shown), ua.LocalizedText(text)
    attributes.DataType, attributes.ValueRank = ua.NodeId(data_type), ua.ValueRank.Scalar
    attributes.AccessLevel = attributes.UserAccessLevel = access
    attributes.MinimumSamplingInterval, attributes.Historizing = 0.0, False
    return attributes


def _item(
    name: str,
    parent: ua.NodeId,
    shown: str,
    node_class: ua.NodeClass,
    type_: int,
    attributes: ua.ObjectAttributes | ua.VariableAttributes,
) -> ua.AddNodesItem:
    item = ua.AddNodesItem()
    item.RequestedNewNodeId, item.ParentNodeId = node_id(name), parent
    item.BrowseName = ua.QualifiedName(shown, NAMESPACE)
    item.NodeClass, item.TypeDefinition, item.NodeAttributes = node_class, ua.NodeId(type_), attributes
    return item


WAITING = ua.StatusCode(StatusCodes.BadWaitingForInitialData)
"""What a reading says before the first sample."""
