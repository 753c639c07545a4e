"""One warm interpreter: kernels that are forked from a process which has imported everything already.

A cold kernel spends most of a page's time on imports. Here the first kernel that a process asks for
starts a *fork server*, which imports once what pages, labs and checks import (`preload` lists it), and
every kernel is then a fork of it, ready in a fraction of a second. The mechanism stands where Jupyter
provides for it, a kernel provisioner, so every Jupyter client can use it with its kernel specification
unchanged: the book's build and its tests do, and JupyterLab does when started with

    JUPYTER_DEFAULT_PROVISIONER_NAME=warm-fork-provisioner jupyter lab

Code of ours says `with warm_kernels():`. What cannot be forked (another language, another Python, a pipe
for the output, a system without `/proc` and `pidfd`) gets an ordinary kernel, as does everything when the
server fails, with one line of warning.

What holds:

- *No page sees another.* The server runs no page; it imports and forks. Each fork starts with nothing in
  its name space, with random numbers of its own, and the environment, folder and output of its launch.
  Only the seed of `hash` is the server's, which one may not rely on either way.
- *The server has one thread when it forks*, and refuses to serve otherwise (`preload.check`).
- *Nothing outlives the client.* Server and client share a socket pair, no path, no port. When the client
  ends, however it ends, the server kills its kernels and ends. A server that dies takes its kernels along
  within a second, and the next launch starts another.
- *Fresh code.* `twin` is not imported beforehand. When a file of `harness` has changed since the server
  read it, the next launch starts a new server. Newly installed packages need a new client.

    wire        messages and file descriptors between client and server
    preload     what is imported beforehand, and the check that forking is safe
    rehearse    what is done once beforehand
    server      the fork server's loop
    kernel      what a fork does to become a kernel
    client      the client's side: servers and kernels as objects
    provisioner what Jupyter calls

It knows no page and no lab: `authoring` and `grading` use it, it uses neither.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib.metadata import EntryPoint

PROVISIONER = "warm-fork-provisioner"
_CLASS = "harness.warm.provisioner:WarmProvisioner"


@contextlib.contextmanager
def warm_kernels() -> Iterator[None]:
    """Make forked kernels the default of this process while the context lasts."""
    from jupyter_client.provisioning.factory import KernelProvisionerFactory

    factory = KernelProvisionerFactory.instance()
    # For a checkout on PYTHONPATH that is not installed, and so has no entry point.
    factory.provisioners.setdefault(PROVISIONER, EntryPoint(PROVISIONER, _CLASS, factory.GROUP_NAME))
    before, factory.default_provisioner_name = factory.default_provisioner_name, PROVISIONER
    try:
        yield
    finally:
        factory.default_provisioner_name = before
