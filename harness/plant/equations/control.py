"""One scan of the controllers and of the safety system, for all lanes.

The regulatory controllers are PI with conditional integration and bumpless transfer. A controller
whose measurement is Bad (NaN here) holds its output. The safety system looks at the true reactor
temperature: it has a sensor of its own.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from harness.plant.layout import STAGES


@njit
def regulate(loop: Any, error: float, gain: float, integral_min: float, high: float, scan_min: float) -> None:
    """One scan of a PI controller; writes its output `mv`, between 0 and `high`.

    In MAN the integral follows, so that the change to AUTO does not move the output.
    """
    if error != error:
        return
    proportional = gain * error
    if loop.auto == 0.0:
        loop.integral = loop.mv - proportional
        return
    step = proportional * scan_min / integral_min
    wanted = proportional + loop.integral + step
    winding_up = (wanted > high and step > 0.0) or (wanted < 0.0 and step < 0.0)
    if not winding_up:
        loop.integral += step
    loop.mv = min(max(proportional + loop.integral, 0.0), high)


@njit
def protect(reactor_K: float, c: Any, u: Any, p: Any) -> None:
    """The safety system: latches, cuts feed, recycle, reflux and boil-up, and opens the quench."""
    if reactor_K >= p.safety.trip_K:
        c.tripped = 1.0
    u.recycle_open = 1.0 - c.tripped
    u.quench_kg_per_min = c.tripped * p.safety.quench_armed * p.safety.quench_kg_per_min
    if c.tripped > 0.0:
        u.feed_kmol_per_min = 0.0
        u.reflux_kmol_per_min = 0.0
        u.boilup_kmol_per_min = 0.0


@njit
def control_column(s: Any, c: Any, u: Any, p: Any, scan_min: float) -> None:
    """The composition loops of C-101, on a fast inferred composition that is taken as exact."""
    k, limits, top = p.control, p.column, STAGES - 1
    x_d = s.light_kmol[top] / s.stage_kmol[top]
    x_b = s.light_kmol[0] / s.stage_kmol[0]
    high = limits.reflux_max_kmol_per_min
    gain, integral_min = k.distillate_gain_kmol_per_min, k.distillate_integral_min
    regulate(c.distillate, c.distillate.sv - x_d, gain, integral_min, high, scan_min)
    high = limits.boilup_max_kmol_per_min
    gain, integral_min = k.bottoms_gain_kmol_per_min, k.bottoms_integral_min
    regulate(c.bottoms, x_b - c.bottoms.sv, gain, integral_min, high, scan_min)
    u.reflux_kmol_per_min = c.distillate.mv
    u.boilup_kmol_per_min = c.bottoms.mv


@njit
def control_reactor(temperature_K: float, c: Any, u: Any, p: Any, scan_min: float) -> None:
    """TIC-101 on the coolant flow; FIC-101 is taken as ideal."""
    k, high = p.control, p.cooling.coolant_max_kg_per_min
    gain, integral_min = k.temperature_gain_kg_per_min_K, k.temperature_integral_min
    regulate(c.temperature, temperature_K - c.temperature.sv, gain, integral_min, high, scan_min)
    if c.feed.auto > 0.0:
        c.feed.mv = c.feed.sv * p.reactor.density_kmol_per_m3 / 60.0
    u.feed_kmol_per_min = c.feed.mv
    u.coolant_kg_per_min = c.temperature.mv


@njit
def disturb(x: Any, u: Any) -> None:
    """What the surroundings do to the inputs; a failed pump moves no coolant whatever TIC-101 asks."""
    u.feed_fraction_a = x.feed_fraction_a
    u.feed_K = x.feed_K
    u.water_K = x.water_K
    u.fouling_m2K_per_W = x.fouling_m2K_per_W
    u.activity = x.activity
    u.coolant_kg_per_min *= x.pump_share


@njit
def scan_reactor(temperature_K: Any, s: Any, x: Any, c: Any, p: Any, u: Any) -> None:
    """One scan of all lanes of the reactor and cooling scopes; writes controllers and inputs."""
    for i in range(len(s)):
        scan_min = p[i].control.scan_s / 60.0
        control_reactor(temperature_K[i], c[i], u[i], p[i], scan_min)
        protect(s[i].reactor_K, c[i], u[i], p[i])
        disturb(x[i], u[i])


@njit
def scan_plant(temperature_K: Any, s: Any, x: Any, c: Any, p: Any, u: Any) -> None:
    """One scan of all lanes of the whole plant; writes controllers and inputs."""
    for i in range(len(s)):
        scan_min = p[i].control.scan_s / 60.0
        control_reactor(temperature_K[i], c[i], u[i], p[i], scan_min)
        control_column(s[i], c[i], u[i], p[i], scan_min)
        protect(s[i].reactor_K, c[i], u[i], p[i])
        disturb(x[i], u[i])
